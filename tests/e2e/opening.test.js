import assert from "node:assert/strict";
import { PlainPage } from "./harness/plain-page.js";
import { suite } from "./harness/suite.js";
import { until } from "./harness/until.js";

/* Pages that open while only the server can say whether the user is signed in, and cannot be reached. */

const COOKIE = { refreshToken: "cookie", storage: "memory", schedule: { onStart: true } };

suite("opening", (test) => {
  for (const { what, rules } of [
    { what: "503", rules: [{ status: 503, times: 1 }] },
    { what: "503 three times", rules: [{ status: 503, times: 3 }] },
    { what: "429 with Retry-After", rules: [{ status: 429, retryAfter: "2", times: 1 }] },
    { what: "a reset", rules: [{ drop: "before", times: 4 }] },
  ]) {
    test(`${what} at the first call: the page waits, and is signed in by one change (REL-10, REL-13)`, async (world) => {
      // Long enough for all the pauses in a row: otherwise the page is shown stale meanwhile.
      const page = await signedInByCookie(world, { ...COOKIE, timeoutSeconds: 60 });
      for (const rule of rules) await world.server.fault({ route: "/token", ...rule });
      await page.reload();
      await assertSignedIn(page);
      assert.deepEqual(await types(page), ["restored"]);
    });
  }

  test("a server that hangs at the first call: the page is stale, then renewed; never signed out (REL-10, REL-13)", async (world) => {
    const options = { ...COOKIE, timeoutSeconds: 2 };
    const page = await signedInByCookie(world, options);
    await world.server.fault({ route: "/token", hold: "before", times: 1 });
    await page.reload(); // waits for `ready`, which waits no longer than the refresh may take
    const { status, stale, claims } = await page.session();
    assert.deepEqual([status, stale, claims], ["signed-in", true, null]);
    await assertSignedIn(page);
    assert.deepEqual(statuses(await page.changes()), ["signed-in"]);
  });

  test("offline at the first call: signed in as soon as there is a network (REL-27)", async (world) => {
    const page = await signedInByCookie(world);
    await page.goto(page.address(COOKIE, ["network"]));
    await page.until("a call was tried", () => window.e2eRefused > 0);
    await page.run(() => window.e2eNetwork(true));
    await assertSignedIn(page);
    assert.deepEqual(await types(page), ["restored"]);
  });

  test("no network through the whole wait: signed in and stale, and requests say why (REL-27)", async (world) => {
    const options = { ...COOKIE, timeoutSeconds: 1 };
    const page = await signedInByCookie(world, options);
    await page.goto(page.address(options, ["network"]));
    await page.ready();
    const { status, stale } = await page.session();
    assert.deepEqual([status, stale], ["signed-in", true]);
    const error = await page.errorOf(() => window.hallpassDemo.auth.token());
    assert.deepEqual([error.code, error.retryable], ["refresh_unavailable", true]);
    await page.run(() => window.e2eNetwork(true));
    await assertSignedIn(page);
    assert.deepEqual(statuses(await page.changes()), ["signed-in"]);
  });

  test("a browser that was never signed in: the reason is unreachable, then never-signed-in (REL-10)", async (world) => {
    await world.server.fault({ route: "/token", status: 503 });
    const page = await world.plainPage().open({ ...COOKIE, timeoutSeconds: 1 });
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "unreachable" });
    await world.server.clearFaults();
    await page.until("the server has said so", () => window.hallpassDemo.auth.session.reason === "never-signed-in");
  });
});

suite("a sign-out that lasts", (test) => {
  test("the server does not hear of it: a reload renews nothing, and the server is told when it can be (SEC-05)", async (world) => {
    const page = await signedInByCookie(world);
    await world.server.fault({ route: "/token/reject", drop: "before" });
    assert.equal((await page.errorOf(() => window.hallpassDemo.auth.signOut())).code, "sign_out_unavailable");
    const renewals = (await world.server.log({ path: "/token" })).length;
    await page.reload();
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "never-signed-in" });
    assert.equal((await world.server.log({ path: "/token" })).length, renewals);

    await world.server.clearFaults();
    await page.run(() => dispatchEvent(new Event("online")));
    await until("the server was told", async () => (await told(world)).includes(204));
    await page.reload();
    await page.reload();
    assert.equal((await told(world)).filter((status) => status === 204).length, 1, "once");

    await signIn(page, world);
    await page.reload();
    await assertSignedIn(page);
  });

  test("a closed tab that the browser brings back stays signed out, and the server hears of its refresh token (SEC-05)", async (world) => {
    const page = await world.plainPage().open();
    const first = await (await world.newPage(PlainPage)).open();
    await first.signIn();
    const kept = await first.stores();
    await first.close();

    await page.signIn();
    await page.signOut();
    const before = (await told(world)).length;

    // As the browser restores a tab: its sessionStorage is there before the page begins.
    const again = await world.newPage(PlainPage);
    await again.goto(new URL("/e2e-blank.html", world.server.app).href);
    await again.run((stored) => {
      for (const [key, text] of Object.entries(stored)) sessionStorage.setItem(key, text);
    }, kept.sessionStorage);
    await again.goto(again.address());
    await again.ready();
    assert.deepEqual(await again.session(), { status: "signed-out", reason: "other-tab" });
    assert.deepEqual((await again.stores()).sessionStorage, {});
    await until("the server has heard of it", async () => (await told(world)).length > before);
  });

  test("opened again long after the idle limit: signed out (SEC-05)", async (world) => {
    const options = { storage: "local", limits: { idleSeconds: 900 } };
    const page = await world.plainPage().open(options);
    await page.signIn();
    await page.goto(new URL("/e2e-blank.html", world.server.app).href);
    await page.run((hours) => {
      // Eight hours pass: what was written then is eight hours old.
      const active = Number(localStorage.getItem("hallpass:active.default"));
      localStorage.setItem("hallpass:active.default", String(active - hours * 3_600_000));
      const record = JSON.parse(localStorage.getItem("hallpass.default"));
      record.signedIn -= hours * 3_600_000;
      localStorage.setItem("hallpass.default", JSON.stringify(record));
    }, 8);
    await page.goto(page.address(options));
    await page.ready();
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "idle" });
    assert.deepEqual((await page.stores()).localStorage, {});
  });
});

/** The plain page, signed in with a refresh token in a cookie. */
async function signedInByCookie(world, options = COOKIE) {
  const page = await world.plainPage().open(options);
  await signIn(page, world);
  return page;
}

function signIn(page, world) {
  return page.signIn(world.user, { carrier: "cookie" });
}

async function assertSignedIn(page) {
  await page.until("signed in again", () => {
    const { session } = window.hallpassDemo.auth;
    return session.status === "signed-in" && !session.stale;
  });
  assert.equal((await page.ask("/me"))[0].status, 200);
}

async function types(page) {
  return (await page.changes()).map(({ type }) => type);
}

/** What a user of the page sees: the statuses one after the other. */
function statuses(changes) {
  const all = changes.map(({ session }) => session.status);
  return all.filter((status, index) => status !== all[index - 1]);
}

async function told(world) {
  return (await world.server.log({ path: "/token/reject" })).map(({ status }) => status);
}
