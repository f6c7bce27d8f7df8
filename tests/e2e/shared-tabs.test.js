import assert from "node:assert/strict";
import { PlainPage } from "./harness/plain-page.js";
import { sleepAndWakeTogether } from "./harness/sleepers.js";
import { suite } from "./harness/suite.js";

/* `tabs: "shared"`: all tabs have part in one session with one body-held, rotating, single-use refresh token. */

const TABS = 20;
const HOUR = 3_600;
const SHARED = { tabs: "shared" };

suite("shared tabs", (test) => {
  test("twenty tabs join, wake expired at once, and refresh once: all signed in, no expired token sent (REL-01, REL-24, REL-38)", async (world) => {
    const first = await world.plainPage().open(SHARED);
    await first.signIn();
    const pages = [first, ...(await world.plainPages(TABS - 1, SHARED))];
    for (const page of pages) await page.untilStatus("signed-in");
    assert.deepEqual(await world.server.log({ path: "/token" }), []);
    await world.server.clearLog();
    assert.deepEqual(await sleepAndWakeTogether(world, pages, HOUR), Array(TABS).fill(200));
    const tokens = [];
    for (const page of pages) tokens.push(await page.token());
    assert.equal(new Set(tokens).size, 1, "all have the same token");
    const log = await world.server.log({ listener: "api" });
    const statuses = (path) => log.filter((entry) => entry.path === path).map((entry) => entry.status);
    assert.deepEqual(statuses("/token"), [200], "one refresh for all");
    assert.deepEqual(statuses("/me"), Array(TABS).fill(200));

    await pages[3].signOut();
    for (const page of pages) await page.untilStatus("signed-out");
  }, { seconds: 300 });

  test("twenty tabs in an outage: one asks the server, and all fail together (REL-10, REL-24)", async (world) => {
    const first = await world.plainPage().open(SHARED);
    await first.signIn();
    const pages = [first, ...(await world.plainPages(TABS - 1, SHARED))];
    for (const page of pages) await page.untilStatus("signed-in");
    await world.collect();
    await world.server.fault({ route: "/token", hold: "before", status: 503, retryAfter: "60", times: 1 });
    await world.server.fault({ route: "/token", status: 503, retryAfter: "60" });
    await world.server.clearLog();
    for (const page of pages) await page.startRefresh();
    await first.untilWaiting(TABS - 1);
    await world.server.arrived("/token");
    await world.server.release();
    for (const page of pages) assert.equal(await page.refreshed(), "refresh_unavailable");
    for (const page of pages) assert.equal((await page.session()).status, "signed-in");
    assert.deepEqual((await world.server.log({ path: "/token" })).map(({ status }) => status), [503], "one request for all");
  }, { seconds: 300 });

  test("a new tab and a duplicated one join; each refresh reaches all, whoever makes it (REL-26, REL-38)", async (world) => {
    const page = await world.plainPage().open(SHARED);
    await page.signIn();
    const joined = await (await world.newPage(PlainPage)).open(SHARED);
    const copy = await page.duplicate();
    const tabs = [page, joined, copy];
    for (const tab of tabs) {
      await tab.untilStatus("signed-in");
      await tab.refresh();
      const token = await tab.token();
      for (const other of tabs) {
        await other.until("it has the new token", async (wanted) => (await window.hallpassDemo.auth.token()) === wanted, token);
      }
    }
    const bys = (await joined.changes()).filter(({ type }) => type === "refreshed").map(({ by }) => by);
    assert.deepEqual(bys, ["other-tab", "this-tab", "other-tab"]);
    assert.deepEqual((await world.server.log({ path: "/token" })).map(({ status }) => status), [200, 200, 200]);
  }, { quick: true });

  test("a sign-in elsewhere: an open, signed-out tab joins; a sign-out elsewhere ends it; another user is another session (REL-28)", async (world) => {
    const page = await world.plainPage().open(SHARED);
    const other = await (await world.newPage(PlainPage)).open(SHARED);
    assert.equal((await other.session()).status, "signed-out");
    await page.signIn();
    await other.untilStatus("signed-in");
    assert.equal((await other.ask("/me"))[0].status, 200);
    await other.signOut();
    await page.untilStatus("signed-out");
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "other-tab" });

    const second = { username: `${world.user.username}-b`, password: "another pass word 1234" };
    await world.server.addUser(second);
    await page.signIn(second);
    await other.untilStatus("signed-in");
    assert.equal((await other.session()).claims.sub, second.username);
    for (const tab of [page, other]) assert.equal(JSON.parse((await tab.ask("/me"))[0].body).username, second.username);
  });

  test("the tab that refreshes is killed: the others refresh in its place (REL-03)", async (world) => {
    const page = await world.plainPage().open(SHARED);
    await page.signIn();
    const [victim, other] = await world.plainPages(2, SHARED);
    for (const tab of [victim, other]) await tab.untilStatus("signed-in");
    await world.collect();
    await world.server.fault({ route: "/token", hold: "before", times: 1 });
    await world.server.clearLog();
    await victim.startRefresh();
    await world.server.arrived("/token");
    for (const tab of [page, other]) await tab.startRefresh();
    await page.untilWaiting(2);
    await victim.kill();
    for (const tab of [page, other]) assert.equal(await tab.refreshed(), world.user.username);
    for (const tab of [page, other]) assert.equal((await tab.ask("/me"))[0].status, 200);
  });

  test("without BroadcastChannel shared is as separate: a new tab is signed out, and nobody's session suffers (SEC-48)", async (world) => {
    const page = await world.plainPage().open(SHARED, ["BroadcastChannel"]);
    await page.signIn();
    const other = await (await world.newPage(PlainPage)).open(SHARED, ["BroadcastChannel"]);
    assert.equal((await other.session()).status, "signed-out");
    await other.signIn();
    for (const tab of [page, other]) assert.equal((await tab.refresh()).status, "signed-in");
  });
});
