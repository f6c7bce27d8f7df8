import assert from "node:assert/strict";
import { request } from "./harness/http.js";
import { LoginPage } from "./harness/login-page.js";
import { suite } from "./harness/suite.js";
import { until } from "./harness/until.js";

suite("sign-out", (test) => {
  test("by the button: storage is empty here and in a second tab, cookie and token are dead, timers stop (SEC-05)", async (world) => {
    await world.server.policy({ accessSeconds: 5 });
    const { page, other } = await twoTabs(world);
    const token = await page.token();
    const cookie = (await world.cookies()).find(({ name }) => name === "__Host-Fgp");
    await page.click("sign-out");
    await page.untilStatus("signed-out");
    await other.untilStatus("signed-out");

    assert.deepEqual(await page.session(), { status: "signed-out", reason: "user" });
    assert.deepEqual(await other.session(), { status: "signed-out", reason: "other-tab" });
    await assertEmpty(page);
    await assertEmpty(other);
    await until("the server was told", async () => (await world.server.log({ path: "/token/reject" })).at(-1)?.status === 204);
    const answer = await request(`${world.server.api}/me`, {
      headers: { Authorization: `Bearer ${token}`, Cookie: `__Host-Fgp=${cookie.value}` },
    });
    assert.equal(answer.status, 401);
    const calls = (await world.server.log({ path: "/token" })).length;
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    assert.equal((await world.server.log({ path: "/token" })).length, calls, "no timer fired afterwards");
  }, { quick: true });

  test("the redirect's and the page's reloads stay signed out (SEC-05)", async (world) => {
    const { page, other } = await twoTabs(world);
    await page.signOut();
    await other.untilStatus("signed-out");
    for (const tab of [page, other]) {
      await tab.reload();
      assert.deepEqual(await tab.session(), { status: "signed-out", reason: "never-signed-in" });
      assert.equal((await tab.ask("/me"))[0].status, 401);
    }
  });

  for (const { what, rule } of [
    { what: "answers 500", rule: { status: 500 } },
    { what: "cuts the connection", rule: { drop: "before" } },
    { what: "answers 503 with Retry-After", rule: { status: 503, retryAfter: "60" } },
  ]) {
    test(`the server ${what}: local sign-out in both tabs all the same, and the promise says sign_out_unavailable (SEC-05)`, async (world) => {
      const { page, other } = await twoTabs(world);
      await world.server.fault({ route: "/token/reject", ...rule });
      const error = await page.errorOf(() => window.hallpassDemo.auth.signOut());
      assert.deepEqual([error.name, error.code], ["AuthError", "sign_out_unavailable"]);
      await other.untilStatus("signed-out");
      await assertEmpty(page);
      await assertEmpty(other);
      assert.deepEqual(await page.session(), { status: "signed-out", reason: "user" });
    });
  }

  test("the server is down: local sign-out in both tabs all the same (SEC-05)", async (world) => {
    const { page, other } = await twoTabs(world);
    await world.server.stop();
    try {
      const error = await page.errorOf(() => window.hallpassDemo.auth.signOut());
      assert.equal(error.code, "sign_out_unavailable");
      await other.untilStatus("signed-out");
      await assertEmpty(page);
      await assertEmpty(other);
    } finally {
      await world.server.start();
    }
  });

  test("the server hangs: nobody waits for it to be signed out (SEC-05)", async (world) => {
    const { page, other } = await twoTabs(world);
    await world.server.fault({ route: "/token/reject", hold: "before" });
    await page.run(() => {
      window.signingOut = window.hallpassDemo.auth.signOut().then(() => "told", (error) => error.code);
    });
    assert.equal((await page.session()).status, "signed-out");
    await assertEmpty(page);
    await other.untilStatus("signed-out");
    await assertEmpty(other);
    assert.equal((await world.server.log({ path: "/token/reject" })).at(-1)?.status ?? null, null, "the server has not answered yet");
    await world.server.arrived("/token/reject");
    await world.server.release();
    assert.equal(await page.run(() => window.signingOut), "told");
  });

  test("while a refresh is in flight: its answer, arriving later, changes nothing in either tab (SEC-05, SEC-38)", async (world) => {
    const { page, other } = await twoTabs(world);
    await world.server.fault({ route: "/token", hold: "after" });
    await page.run(() => {
      const codes = (error) => error.code;
      window.waiting = Promise.all([
        window.hallpassDemo.auth.refresh().catch(codes),
        window.hallpassDemo.auth.token({ minValiditySeconds: 100_000 }).catch(codes),
      ]);
    });
    await world.server.arrived("/token");
    await page.signOut();
    assert.deepEqual(await page.run(() => window.waiting), ["signed_out", "signed_out"]);
    await other.untilStatus("signed-out");
    // The answer comes now, unless the browser has told the server already that nobody wants it any more.
    await world.server.release();
    await page.quiet(`${world.server.api}/token`);
    for (const tab of [page, other]) {
      await assertEmpty(tab);
      assert.equal((await tab.session()).status, "signed-out");
      assert.ok(!(await tab.changes()).some((change) => change.type === "refreshed"));
    }
  });

  test("while a sign-in is in flight: it does not undo the sign-out (SEC-05, SEC-38)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.fault({ route: "/auth", hold: "after" });
    await page.run((credentials) => {
      window.signingIn = window.hallpassDemo.auth.signIn(credentials).then((session) => session.status, (error) => error.code);
    }, world.user);
    await world.server.arrived("/auth", 2);
    await page.signOut();
    await world.server.release();
    assert.equal(await page.run(() => window.signingIn), "signed_out");
    assert.equal((await page.session()).status, "signed-out");
    await assertEmpty(page);
  });

  test("somebody else signs in while the old refresh is in flight: the new token everywhere (SEC-38)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.fault({ route: "/token", hold: "after", times: 1 });
    await page.run(() => {
      window.refreshing = window.hallpassDemo.auth.refresh().then((session) => session.claims?.sub ?? session.status, (error) => error.code);
    });
    await world.server.arrived("/token");
    await page.signOut();
    const second = { username: `${world.user.username}-b`, password: "another pass word 1234" };
    await world.server.addUser(second);
    await page.signIn(second);
    await page.run(() => window.refreshing);
    await world.server.release();
    await page.quiet(`${world.server.api}/token`);
    assert.equal((await page.session()).claims.sub, second.username);
    const [{ status, body }] = await page.ask("/me");
    assert.deepEqual([status, JSON.parse(body).username], [200, second.username]);
    assert.equal(JSON.parse(atob(JSON.parse(await page.record()).access.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub, second.username);
  });

  test("signed out already: it resolves and sends nothing; pending sign-ins of this tab are forgotten", async (world) => {
    const page = await world.open({ signIn: "hash" });
    await page.click("sign-in-redirect");
    await LoginPage.reached(page);
    await page.open();
    assert.equal(Object.keys((await page.stores()).sessionStorage).length, 1, "the pending sign-in");
    await page.signOut();
    await assertEmpty(page);
    assert.deepEqual(await world.server.log({ path: "/token/reject" }), []);
  });

  test("a session of another name on the same origin stays (REL-39)", async (world) => {
    const page = await world.open();
    await page.signIn();
    const other = await (await world.newPage()).open({ name: "second" });
    await other.signIn();
    await other.run(() => {
      window.heard = [];
      new BroadcastChannel("hallpass.default").onmessage = ({ data }) => window.heard.push(data);
    });
    await page.signOut();
    await other.until("the word of it is here", () => window.heard.some((text) => text.includes("signed-out")));
    await other.settled();
    assert.equal((await other.session()).status, "signed-in");
    assert.deepEqual(Object.keys((await other.stores()).sessionStorage), ["hallpass.second"]);
  });
});

/** Two tabs of the app, signed in separately. */
async function twoTabs(world) {
  const page = await world.open();
  await page.signIn();
  const other = await (await world.newPage()).open();
  await other.signIn();
  await page.front();
  return { page, other };
}

/** Nothing of this package is left in any store of this tab. */
async function assertEmpty(page) {
  const { sessionStorage, localStorage, cookie, indexedDB, caches, windowName } = await page.stores();
  assert.deepEqual(
    { sessionStorage, localStorage, cookie, indexedDB, caches, windowName },
    { sessionStorage: {}, localStorage: {}, cookie: "", indexedDB: [], caches: [], windowName: "" },
  );
}
