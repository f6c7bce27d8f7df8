import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";

/*
 * A real trap: the tests write over the core's memory. What it held (Web Locks, the tab's own among them) must not outlive
 * it, or the next core takes its own tab for a copy and waits for itself.
 */

suite("a core that breaks", (test) => {
  test("core_failed once, then a fresh core with the stored session: refresh, requests, reload, sign-out (REL-30)", async (world) => {
    world.expect("error");
    const page = await world.plainPage().open({}, [], { watch: "memory" });
    await page.signIn();
    // In one task: whatever else enters the core, a lock that is granted or a wake, would find it broken first.
    const { code, retryable } = await page.errorOf(() => {
      new Uint8Array(window.coreMemory.buffer).fill(0xff);
      return window.hallpassDemo.auth.refresh();
    });
    assert.deepEqual([code, retryable], ["core_failed", true]);
    assert.equal((await page.refresh()).status, "signed-in");
    assert.equal((await page.ask("/me"))[0].status, 200);
    assert.deepEqual(await typesOf(page), ["signed-out", "signed-in", "restored", "refreshed"]);
    await page.reload();
    assert.equal((await page.refresh()).status, "signed-in");
    await page.signOut();
    assert.deepEqual((await page.stores()).sessionStorage, {});
    assert.equal(await reports(world), 1);
  });

  test("it breaks with the refresh lock in its hand: the lock is given back, the next refresh runs (REL-30, REL-02)", async (world) => {
    world.expect("error");
    await world.server.fault({ route: "/token", hold: "before", times: 1 });
    const page = await world.plainPage().open({}, [], { watch: "memory" });
    await page.signIn();
    await page.startRefresh();
    await page.until("the refresh is under way", async () => (await navigator.locks.query()).held.some(({ name }) => name.includes(".refresh")));
    await page.run(() => {
      new Uint8Array(window.coreMemory.buffer).fill(0xff);
    });
    assert.equal(await page.refreshed(), "core_failed");
    await page.until("a fresh core", () => window.e2e.changes.at(-1).type === "restored");
    assert.equal((await page.locks()).held, 0);
    assert.equal(await reports(world), 1);
  });
});

/** How often the page heard of it as of an uncaught error. */
async function reports(world) {
  await world.collect();
  return world.seen.filter(({ where, text }) => where === "error" && text.includes("core_failed")).length;
}

async function typesOf(page) {
  return (await page.changes()).map(({ type }) => type);
}
