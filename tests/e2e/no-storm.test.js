import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { tokenAnswer } from "./harness/jwt.js";
import { LONG, suite } from "./harness/suite.js";

/*
 * Lifetimes that make careless clients refresh for ever. What counts is the number of calls in a stretch of real time:
 * a storm makes dozens.
 */

/** How long each is watched, in seconds. */
const WATCH = LONG ? 65 : 10;

/** More than five automatic refreshes in a minute, and they pause. */
const LIMIT = 6;

suite("no storm", (test) => {
  test("a 40-day token: no refresh now, although setTimeout cannot count that far (REL-15)", async (world) => {
    await world.server.policy({ accessSeconds: 3_456_000 });
    const page = await world.open();
    await page.signIn();
    const { expiresAt, refreshAt } = await page.session();
    const days = (at) => (at - Date.now()) / 86_400_000;
    assert.ok(days(expiresAt) > 39.9 && days(refreshAt) > 39.9 && refreshAt < expiresAt);
    await sleep(WATCH * 500);
    assert.deepEqual(await world.server.log({ path: "/token" }), []);
    assert.equal((await page.ask("/me"))[0].status, 200);
    await page.reload();
    await sleep(1_000);
    assert.deepEqual(await world.server.log({ path: "/token" }), []);
    assert.equal((await page.session()).status, "signed-in");
  });

  test("a token that ends in a hundred years, and one that ends beyond all numbers (REL-15, SEC-34)", async (world) => {
    const [server] = await world.origins();
    server.on("POST /token", () => ({ json: tokenAnswer() }));
    const page = await world.packagePage(server).open({ refresh: "/token" });
    for (const seconds of [3_155_760_000, 1e15, Number.MAX_SAFE_INTEGER]) {
      await page.accept(tokenAnswer({ seconds }));
      await sleep(700);
      assert.equal((await page.session()).status, "signed-in");
      assert.equal((await page.session()).stale, false);
    }
    assert.deepEqual(server.callsTo("/token"), []);
  });

  test("a token without exp: no expiry, no refresh, and it works (SEC-34)", async (world) => {
    await world.server.policy({ omitExpiry: true });
    const page = await world.open();
    await page.signIn();
    const { expiresAt, refreshAt, stale } = await page.session();
    assert.deepEqual([expiresAt, refreshAt, stale], [null, null, false]);
    await sleep(WATCH * 400);
    assert.equal((await page.ask("/me"))[0].status, 200);
    assert.deepEqual(await world.server.log({ path: "/token" }), []);
    await page.refresh();
    assert.equal((await world.server.log({ path: "/token" })).length, 1, "by hand it does");
  });

  test("refresh answers that are expired already: a few calls, then refresh_loop; the session stays (REL-09)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await world.server.policy({ accessSeconds: -10 });
    await page.run(() => window.hallpassDemo.auth.refresh().catch(() => undefined));
    await page.change("refresh-failed");
    await sleep(WATCH * 1000);
    const calls = (await world.server.log({ path: "/token" })).length;
    assert.ok(calls >= 1 && calls <= LIMIT + 1, `${calls} calls`);
    const failed = (await page.changes()).find((change) => change.type === "refresh-failed");
    assert.equal(failed?.error.code, "refresh_loop");
    const { status, stale } = await page.session();
    assert.deepEqual([status, stale], ["signed-in", true]);
    assert.equal((await page.errorOf(() => window.hallpassDemo.auth.token())).code, "refresh_loop");

    // By hand it may: and with a good token all is well again.
    await world.server.policy({ accessSeconds: 300 });
    assert.equal((await page.refresh()).stale, false);
    assert.equal((await page.ask("/me"))[0].status, 200);
  });

  test("one-second tokens with requests all the time: a few calls, then refresh_loop (REL-09)", async (world) => {
    await world.server.policy({ accessSeconds: 1 });
    const page = await world.open();
    await page.signIn();
    await page.run(
      async (api, seconds) => {
        const isPaused = () => window.e2e.changes.some((change) => change.type === "refresh-failed");
        let end = Date.now() + seconds * 1000;
        while (Date.now() < end) {
          await window.hallpassDemo.auth.fetch(`${api}/me`);
          await new Promise((resolve) => setTimeout(resolve, 100));
          // On a busy machine it takes longer until then: what counts is the time after it, too.
          if (!isPaused()) end = Math.max(end, Date.now() + (seconds * 1000) / 2);
        }
      },
      world.server.api,
      WATCH,
    );
    const calls = (await world.server.log({ path: "/token" })).length;
    assert.ok(calls >= 2 && calls <= LIMIT, `${calls} calls`);
    assert.ok((await page.changes()).some((change) => change.type === "refresh-failed" && change.error.code === "refresh_loop"));
    assert.equal((await page.session()).status, "signed-in");
  }, { seconds: 300 });

  test("a server that answers everything with 401 while its refreshes succeed (REL-09, SEC-28)", async (world) => {
    const [server] = await world.origins();
    server.on("POST /token", () => ({ json: tokenAnswer() }));
    server.on("GET /data", () => ({ status: 401, headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' } }));
    const page = await world.packagePage(server).open({ refresh: "/token" });
    await page.accept(tokenAnswer());
    const statuses = await page.run(async () => {
      const seen = [];
      for (let round = 0; round < 40; round += 1) seen.push((await window.auth.fetch(`/data?${round}`)).status);
      return [...new Set(seen)];
    });
    assert.deepEqual(statuses, [401]);
    assert.ok(server.callsTo("/token").length <= LIMIT, `${server.callsTo("/token").length} refreshes`);
    assert.ok(server.callsTo("/data").length <= 40 + LIMIT);
  });

  test("the fingerprint cookie is deleted mid-session: one refresh is tried, then it is over, not a loop (SEC-28)", async (world) => {
    const page = await world.open();
    await page.signIn();
    await page.front();
    await page.driver.manage().deleteCookie("__Host-Fgp");
    assert.deepEqual((await page.ask("/me", { count: 5 })).map(({ status }) => status), Array(5).fill(401));
    await page.untilStatus("signed-out");
    assert.deepEqual((await page.session()).reason, "rejected");
    assert.equal((await world.server.log({ path: "/token" })).length, 1);
  });
});
