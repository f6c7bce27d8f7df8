import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";

/* Longer trouble with the network than in trouble.test.js: one thing after the other, and a minute without any network. */

const MINUTE = 60_000;

suite("bad network", (test) => {
  test("503, then 429 with Retry-After, then 200: waited for as told, never signed out (REL-10)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    await world.server.fault({ route: "/token", status: 503, times: 1 });
    await world.server.fault({ route: "/token", status: 429, retryAfter: "2", times: 1 });
    await page.run(() => window.hallpassDemo.auth.refresh().catch(() => undefined));
    await page.change("refreshed");

    const log = await world.server.log({ path: "/token" });
    assert.deepEqual(log.map(({ status }) => status), [503, 429, 200]);
    assert.ok(log[2].at - log[1].at >= 1_900, `came back after ${log[2].at - log[1].at} ms`);
    const changes = (await page.changes()).slice(1).map(({ type, error }) => [type, error?.status]);
    assert.deepEqual(changes, [["signed-in", undefined], ["refresh-failed", 503], ["refresh-failed", 429], ["refreshed", undefined]]);
  });

  test("no network for a minute, through the end of the token's life: nothing is sent, nobody is signed out, one refresh when it is back (REL-27)", async (world) => {
    await world.server.policy({ accessSeconds: 30 });
    const page = await world.plainPage().open({}, world.engine === "chromium" ? [] : ["network"]);
    await network(page, true);
    await page.signIn();
    await network(page, false);
    // A minute passes, half of it after the token's end. Timers that are due fire, as they would.
    for (let quarter = 0; quarter < 4; quarter += 1) {
      await page.run((milliseconds) => window.e2eClock.sleep(milliseconds, { isCounted: true }), MINUTE / 4);
      await page.run(() => window.hallpassDemo.auth.token().catch(() => undefined));
    }
    const { status, stale } = await page.session();
    assert.deepEqual([status, stale], ["signed-in", true]);
    const error = await page.errorOf(() => window.hallpassDemo.auth.token());
    assert.deepEqual([error.code, error.retryable], ["refresh_unavailable", true]);
    assert.deepEqual(await world.server.log({ path: "/token" }), []);

    await network(page, true);
    await page.change("refreshed");
    assert.equal((await page.session()).stale, false);
    assert.deepEqual((await world.server.log({ path: "/token" })).map((entry) => entry.status), [200]);
    assert.ok(!(await page.changes()).slice(1).some(({ type }) => type === "signed-out"));
  });

  test("a network that comes and goes: one refresh when it stays (REL-27)", async (world) => {
    const page = await world.plainPage().open();
    await page.signIn();
    await world.server.clock(3_600);
    await network(page, false);
    await page.run(() => {
      window.e2eClock.sleep(3_600_000, { isCounted: true });
      for (let round = 0; round < 20; round += 1) dispatchEvent(new Event(round % 2 === 0 ? "online" : "offline"));
    });
    await network(page, true);
    await page.change("refreshed");
    assert.equal((await page.ask("/me"))[0].status, 200);
    const calls = (await world.server.log({ path: "/token" })).length;
    assert.ok(calls <= 2, `${calls} refreshes reached the server`);
  });
});

/**
 * Takes the network away, or gives it back. Only Chromium's driver can; elsewhere the page is told so, and a page that
 * was opened without one has none.
 */
async function network(page, isThere) {
  await page.front();
  if (page.world.engine === "chromium") {
    await page.driver.setNetworkConditions({ offline: !isThere, latency: 0, download_throughput: -1, upload_throughput: -1 });
    await page.until("the page knows", (expected) => navigator.onLine === expected, isThere);
    return;
  }
  await page.run((isThere) => {
    if (window.e2eNetwork !== undefined) return window.e2eNetwork(isThere);
    Object.defineProperty(navigator, "onLine", { configurable: true, get: () => isThere });
    dispatchEvent(new Event(isThere ? "online" : "offline"));
  }, isThere);
}
