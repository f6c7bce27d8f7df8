import assert from "node:assert/strict";
import { BLANK } from "./harness/app-dir.js";
import { PlainPage } from "./harness/plain-page.js";
import { suite } from "./harness/suite.js";
import { until } from "./harness/until.js";

/* A sign-out in one tab, while the other is at something else. */

suite("sign-out elsewhere", (test) => {
  test("while this tab refreshes: its answer is dropped; then another user signs in here, and stays (REL-28, SEC-38)", async (world) => {
    const { page, other } = await twoTabs(world);
    await world.server.fault({ route: "/token", hold: "after", times: 1 });
    await page.startRefresh();
    await world.server.arrived("/token");
    await other.signOut();
    assert.equal(await page.refreshed(), "signed_out");
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "other-tab" });

    const second = { username: `${world.user.username}-b`, password: "another pass word 1234" };
    await world.server.addUser(second);
    await page.signIn(second);
    await world.server.release();
    await page.quiet(`${world.server.api}/token`);
    assert.equal((await page.session()).claims.sub, second.username);
    assert.equal(JSON.parse((await page.ask("/me"))[0].body).username, second.username);
    assert.equal((await page.refresh()).claims.sub, second.username);
    assert.deepEqual(await other.session(), { status: "signed-out", reason: "user" });
    assert.ok(!(await page.changes()).some(({ type, session }) => type === "refreshed" && session.claims.sub === world.user.username));
  });

  test("while this tab waits for the lock: it never asks the server (REL-28, SEC-05)", async (world) => {
    const { page, other } = await twoTabs(world);
    await page.run(async () => {
      const name = await window.e2e.lockName();
      void navigator.locks.request(name, () => new Promise((resolve) => (window.giveBack = resolve)));
    });
    await page.startRefresh();
    await page.untilWaiting();
    await other.signOut();
    assert.equal(await page.refreshed(), "signed_out");
    await page.run(() => window.giveBack());
    await until("nobody has the lock", async () => (await page.locks()).held === 0);
    assert.deepEqual(await world.server.log({ path: "/token" }), []);
  });

  test("by a tab whose store had failed: the record that tabs share is gone all the same (SEC-05, REL-22)", async (world) => {
    const page = await world.plainPage().open({ storage: "local" });
    await page.fillStorage();
    await page.signIn();
    await page.makeRoomInStorage();
    const other = await (await world.newPage(PlainPage)).open({ storage: "local" });
    await other.signIn();
    assert.notEqual(await other.run(() => localStorage.getItem("hallpass.default")), null);
    await page.signOut();
    await other.untilStatus("signed-out");
    assert.deepEqual((await other.stores()).localStorage, {});
    await other.reload();
    assert.deepEqual(await other.session(), { status: "signed-out", reason: "never-signed-in" });
  });

  test("while this page is in the back/forward cache: signed out when it comes back, and no token was used (REL-25, SEC-05)", async (world) => {
    const { page, other } = await twoTabs(world);
    // Chromium throws a page out of its cache when a message comes for it: then it is loaded anew, from its record.
    await away(page, world, () => other.signOut());
    await page.untilStatus("signed-out");
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "other-tab" });
    assert.deepEqual((await page.stores()).sessionStorage, {});
    assert.equal((await page.ask("/me"))[0].status, 401);
  });

  test("back from the back/forward cache after the token's end: renewed before it is used (REL-25, REL-06)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const isCached = await away(page, world, async () => {
      await world.server.clock(3_600);
      await world.server.clearLog();
    }, 3_600_000);
    assert.equal(isCached, true);
    assert.equal((await page.ask("/me"))[0].status, 200);
    const log = await world.server.log({ listener: "api" });
    assert.deepEqual(log.map((entry) => `${entry.path} ${entry.status}`), ["/token 200", "/me 200"]);
  });
});

/** Leaves the page, does `meanwhile`, and comes back after `milliseconds` of its clock. Whether it came out of the cache. */
async function away(page, world, meanwhile, milliseconds = 0) {
  await page.run((milliseconds) => {
    addEventListener(
      "pageshow",
      (event) => {
        window.isCached = event.persisted;
        window.e2eClock.sleep(milliseconds, { isCounted: false });
      },
      { capture: true },
    );
  }, milliseconds);
  await page.goto(`${world.server.app}${BLANK}`);
  await meanwhile();
  await page.front();
  await page.driver.navigate().back();
  await page.ready();
  return page.run(() => window.isCached === true);
}

/** Two tabs, signed in separately. */
async function twoTabs(world) {
  const page = await world.plainPage().open();
  await page.signIn();
  const other = await (await world.newPage(PlainPage)).open();
  await other.signIn();
  return { page, other };
}
