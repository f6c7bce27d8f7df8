import assert from "node:assert/strict";
import { sleepAndWakeTogether } from "./harness/sleepers.js";
import { suite } from "./harness/suite.js";

/* Many tabs of one browser, one rotating single-use refresh token, and a server that ends the family when it comes twice. */

const TABS = 20;
const HOUR = 3_600;

suite("many tabs", (test) => {
  test("twenty separate tabs with one cookie-held refresh token wake expired at once: all signed in, none refused, no expired token sent (REL-01, REL-24)", async (world) => {
    const pages = await tabsOfOneCookie(world, TABS);
    await world.server.clearLog();
    assert.deepEqual(await sleepAndWakeTogether(world, pages, HOUR), Array(TABS).fill(200));
    for (const page of pages) assert.equal((await page.session()).status, "signed-in");

    const log = await world.server.log({ listener: "api" });
    const statuses = (path) => log.filter((entry) => entry.path === path).map((entry) => entry.status);
    assert.deepEqual(statuses("/token"), Array(TABS).fill(200), "one refresh a tab: separate tabs hand no tokens over");
    assert.deepEqual(statuses("/me"), Array(TABS).fill(200));
  }, { seconds: 300 });

  test("five tabs of one cookie at a slow server: who is last in line waits as long as the line moves, and nobody spends the token twice (REL-01, REL-04)", async (world) => {
    const pages = await tabsOfOneCookie(world, 5);
    await world.server.clearLog();
    await world.server.fault({ route: "/token", delayMs: 1_500 });
    for (const page of pages) await page.startRefresh();
    for (const page of pages) assert.equal(await page.refreshed(), world.user.username);
    assert.deepEqual((await world.server.log({ path: "/token" })).map(({ status }) => status), Array(5).fill(200));
  });
});

/** Tabs that the server knows by the same cookie: the first signs in, the others are opened afterwards. */
async function tabsOfOneCookie(world, count) {
  const options = { refreshToken: "cookie", schedule: { onStart: true } };
  const first = await world.plainPage().open(options);
  await first.signIn(world.user, { carrier: "cookie" });
  const pages = [first, ...(await world.plainPages(count - 1, options))];
  for (const page of pages) assert.equal((await page.session()).status, "signed-in");
  return pages;
}
