import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";
import { PlainPage } from "./harness/plain-page.js";
import { BLANK } from "./harness/app-dir.js";

/* A tab stands still with the lock in its hand. What each driver can do: Chromium freezes a tab, every engine leaves a page. */

suite("frozen tab", (test) => {
  test("the holder of the lock is frozen: the other tab goes on, and so does the frozen one when it thaws (REL-04)", async (world) => {
    const { page, holder } = await tabAndHolder(world, { hold: "before" }, { timeoutSeconds: 120 });
    await holder.lifecycle("frozen");
    await page.startRefresh();
    assert.equal(await page.refreshed(), world.user.username);
    assert.equal((await page.locks()).held, 1, "the frozen tab still has the lock: nobody stole it");
    // The answer waits for the page to run again.
    await world.server.release();
    await world.server.answered("/token");
    await holder.lifecycle("active");
    assert.equal(await holder.refreshed(), world.user.username);
    for (const tab of [page, holder]) assert.equal((await tab.ask("/me"))[0].status, 200);
    assert.deepEqual((await world.server.log({ path: "/token" })).map(({ status }) => status), [200, 200]);
  }, { engines: ["chromium"] });

  test("the holder of the lock is left for another page: the other tab goes on; back again, it is signed in (REL-04)", async (world) => {
    const { page, holder } = await tabAndHolder(world, { hold: "before" }, { timeoutSeconds: 2 });
    await holder.goto(`${world.server.app}${BLANK}`);
    await page.startRefresh();
    assert.equal(await page.refreshed(), world.user.username);
    await holder.driver.switchTo().window(holder.handle);
    await holder.driver.navigate().back();
    await holder.ready();
    assert.equal((await holder.refresh()).status, "signed-in");
    assert.equal((await holder.ask("/me"))[0].status, 200);
  });
});

/** Two tabs, each with a session of its own; `holder` has the lock, and its refresh hangs at the server. */
async function tabAndHolder(world, rule, options) {
  const page = await world.plainPage().open();
  await page.signIn();
  const holder = await (await world.newPage(PlainPage)).open(options);
  await holder.signIn();
  await world.server.fault({ route: "/token", times: 1, ...rule });
  await holder.startRefresh();
  await world.server.arrived("/token");
  assert.equal((await page.locks()).held, 1);
  return { page, holder };
}
