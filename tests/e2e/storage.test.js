import assert from "node:assert/strict";
import { tokenAnswer } from "./harness/jwt.js";
import { suite } from "./harness/suite.js";

/* Stores that are full, forbidden, emptied or rewritten by somebody else, at the moments where it hurts. */

suite("storage", (test) => {
  test("a store that is really full: memory instead, told once; nothing half is left for the next load (REL-22)", async (world) => {
    const page = await world.plainPage().open({ storage: "local" });
    await page.fillStorage();
    await page.signIn();
    await page.refresh();
    assert.equal((await page.ask("/me"))[0].status, 200);
    const degraded = (await page.changes()).filter(({ type }) => type === "storage-degraded");
    assert.deepEqual(degraded.map(({ error }) => error.code), ["storage_unavailable"]);
    await page.makeRoomInStorage();
    await page.reload();
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "never-signed-in" });
    assert.equal(await page.run(() => localStorage.length), 0);
  });

  test("a page without an origin, where storage, cookies and locks throw: signed in from memory (REL-22, SEC-48)", async (world) => {
    const [server] = await world.origins();
    server.on("GET /sandboxed", () => ({
      headers: { "Content-Type": "text/html", "Content-Security-Policy": "sandbox allow-scripts" },
      body: '<!doctype html><script src="/hooks.js"></script><script type="module">window.hallpass = await import("/hallpass/index.js")</script>',
    }));
    server.on("POST /auth", () => ({ json: tokenAnswer() }));
    server.on("POST /token", () => ({ json: tokenAnswer() }));
    server.on("GET /data", ({ headers }) => ({ status: headers.authorization === undefined ? 401 : 200 }));
    const page = world.packagePage(server);
    await page.goto(`${server.origin}/sandboxed`);
    await page.until("the package is loaded", () => window.hallpass !== undefined);
    const outcome = await page.run(async (api) => {
      const denied = () => {
        try {
          return sessionStorage.length;
        } catch (error) {
          return error.name;
        }
      };
      const auth = window.hallpass.createAuth({ origins: [api], signIn: `${api}/auth`, refresh: `${api}/token` });
      window.auth = window.e2e.watch(auth);
      await auth.ready;
      await auth.signIn({ username: "u", password: "p" });
      await auth.refresh();
      return { origin, denied: denied(), status: auth.session.status, data: (await auth.fetch(`${api}/data`)).status };
    }, server.origin);
    assert.deepEqual(outcome, { origin: "null", denied: "SecurityError", status: "signed-in", data: 200 });
    const degraded = (await page.changes()).filter(({ type }) => type === "storage-degraded");
    assert.deepEqual(degraded.map(({ error }) => error.code), ["storage_unavailable"]);
  });

  test("the refresh succeeds and storing fails: the new tokens are used, the old refresh token never again (REL-40)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    await page.run(() => (window.e2e.isFull = true));
    await page.refresh();
    await page.refresh();
    assert.equal((await page.ask("/me"))[0].status, 200);
    assert.equal(await page.record(), null, "what could not be replaced must not come back");
    await page.reload();
    assert.equal((await page.session()).status, "signed-out");
    assert.deepEqual((await world.server.log({ path: "/token" })).map(({ status }) => status), [200, 200]);
  });

  for (const { what, spoil } of [
    { what: "emptied", spoil: () => sessionStorage.clear() },
    { what: "rewritten", spoil: () => sessionStorage.setItem("hallpass.default", '{"v":1,"access":7}') },
  ]) {
    test(`the store is ${what} while the lock, and while the answer is waited for: signed in with a record, or signed out without (REL-23)`, async (world) => {
      const page = await world.plainPage().open();
      await page.signIn();
      await page.run(async () => {
        const name = await window.e2e.lockName();
        void navigator.locks.request(name, () => new Promise((resolve) => (window.giveBack = resolve)));
      });
      await page.startRefresh();
      await page.untilWaiting();
      await page.run(spoil);
      await page.run(() => window.giveBack());
      await page.refreshed();
      assert.deepEqual(await page.session(), { status: "signed-out", reason: "storage" }, "looked again under the lock");
      assert.deepEqual(await world.server.log({ path: "/token" }), [], "whose session that was is not known any more");
      await assertWhole(page);

      await page.signIn();
      await world.server.fault({ route: "/token", hold: "after", times: 1 });
      await page.startRefresh();
      await world.server.arrived("/token");
      await page.run(spoil);
      await world.server.release();
      await page.refreshed();
      await assertWhole(page);
    });
  }
});

/** What the page shows, what the store holds and what the next load makes of it are one and the same. */
async function assertWhole(page) {
  const { status } = await page.session();
  const record = await page.record();
  assert.equal(record !== null, status === "signed-in", record ?? "no record");
  if (record !== null) assert.equal(typeof JSON.parse(record).access, "string");
  await page.reload();
  assert.equal((await page.session()).status, status);
}
