import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";
import { PlainPage } from "./harness/plain-page.js";
import { until } from "./harness/until.js";

/* A tab goes away, with the lock in its hand and a refresh on its way. */

const COOKIE = { refreshToken: "cookie", schedule: { onStart: true } };

suite("killed tab", (test) => {
  test("before the server saw its refresh: the lock is free at once, the other tab of the same cookie goes on (REL-03)", async (world) => {
    const { page, victim } = await twoTabs(world);
    await world.server.fault({ route: "/token", hold: "before", times: 1 });
    await beginAndKill(world, page, victim);
    assert.equal(await page.refreshed(), world.user.username);
    assert.equal((await page.ask("/me"))[0].status, 200);
  });

  test("after the server rotated the cookie's token: refused once, a clean sign-out, no loop; the next sign-in works (REL-03, REL-05)", async (world) => {
    const { page, victim } = await twoTabs(world);
    await world.server.fault({ route: "/token", hold: "after", times: 1 });
    await beginAndKill(world, page, victim);
    assert.equal(await page.refreshed(), "refresh_rejected");
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "rejected" });
    assert.deepEqual((await page.stores()).sessionStorage, {});
    const statuses = (await world.server.log({ path: "/token" })).map((entry) => entry.status);
    assert.deepEqual(statuses.slice(1), [400], "asked once");
    await page.signIn(world.user, { carrier: "cookie" });
    assert.equal((await page.refresh()).claims.sub, world.user.username);
  });

  for (const { when, rule, ending } of [
    { when: "before the server saw it", rule: { hold: "before" }, ending: { status: "signed-in" } },
    { when: "after the server rotated", rule: { hold: "after" }, ending: { status: "signed-out", reason: "never-signed-in" } },
  ]) {
    test(`navigation away during a refresh, ${when}: whoever comes back finds a whole session or none (REL-37, REL-03)`, async (world) => {
      const page = await world.plainPage().open();
      await page.signIn();
      await world.server.fault({ route: "/token", times: 1, ...rule });
      await page.startRefresh();
      await world.server.arrived("/token");
      const address = await page.url();
      await page.goto(`${world.server.app}/e2e-blank.html`);
      await page.goto(address);
      await page.ready();
      assert.equal((await page.session()).status, "signed-in", "the access token is still good");
      const answer = await page.run(() => window.hallpassDemo.auth.refresh().then((session) => session.status, (error) => error.code));
      assert.equal(answer, ending.status === "signed-in" ? "signed-in" : "refresh_rejected");
      await page.goto(address);
      await page.ready();
      const { status, reason } = await page.session();
      assert.deepEqual({ status, ...(reason && { reason }) }, ending);
    });
  }

  test("a tab is closed during its sign-out: the other tab is signed out, and the server hears of it (REL-37)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    const victim = await (await world.newPage(PlainPage)).open();
    await victim.signIn();
    await world.collect();
    await victim.run(() => void window.hallpassDemo.auth.signOut().catch(() => undefined));
    await victim.close();
    await page.untilStatus("signed-out");
    await until("the server was told", async () => (await world.server.log({ path: "/token/reject" })).some(({ status }) => status === 204));
  });
});

/** Two tabs that the server knows by one cookie. */
async function twoTabs(world) {
  const page = await world.plainPage().open(COOKIE);
  await page.signIn(world.user, { carrier: "cookie" });
  const [victim] = await world.plainPages(1, COOKIE);
  await world.server.clearLog();
  return { page, victim };
}

/** `victim` begins a refresh, `page` waits behind it, `victim` dies. */
async function beginAndKill(world, page, victim) {
  await world.collect();
  await victim.startRefresh();
  await world.server.arrived("/token");
  await page.startRefresh();
  await page.untilWaiting();
  await victim.kill();
}
