import assert from "node:assert/strict";
import { tokenAnswer } from "./harness/jwt.js";
import { suite } from "./harness/suite.js";

/* Crowds that wait for one refresh. */

suite("waiting", (test) => {
  test("1,000 requests at once with an expired token: one refresh, each request is sent once, with the new one (REL-16)", async (world) => {
    const [server] = await world.origins();
    const fresh = tokenAnswer();
    server.on("POST /token", () => ({ json: fresh, delayMs: 300 }));
    server.on("GET /data", ({ headers }) => ({ status: headers.authorization === `Bearer ${fresh.access_token}` ? 200 : 401 }));
    const page = await world.packagePage(server).open({ refresh: "/token", schedule: { proactive: false } });
    await page.accept(tokenAnswer({ seconds: 0 }));
    const statuses = await page.run(() =>
      Promise.all(Array.from({ length: 1_000 }, async (_, index) => (await window.auth.fetch(`/data?${index}`)).status)),
    );
    assert.deepEqual(statuses, Array(1_000).fill(200));
    assert.equal(server.callsTo("/token").length, 1);
    assert.equal(server.callsTo("/data").length, 1_000);
  }, { seconds: 300 });

  test("10, 100, 1,000 and 10,000 callers of token(): one refresh each time, none lost; what one caller costs (REL-16)", async (world) => {
    const [server] = await world.origins();
    const page = await world.packagePage(server).open({}, (options) => ({
      ...options,
      refresh: () => new Promise((resolve) => (window.answer = resolve)),
    }));
    const rows = await page.run(async () => {
      let calls = 0;
      const answer = () => ({ accessToken: `an-access-token-number-${(calls += 1)}`, refreshToken: "a-refresh-token", expiresIn: 300 });
      await window.auth.accept(answer());
      const rows = [];
      for (const count of [10, 100, 1_000, 10_000]) {
        const before = calls;
        window.answer = undefined;
        const began = performance.now();
        const waiting = Array.from({ length: count }, () => window.auth.token({ minValiditySeconds: 200_000 }));
        const asked = performance.now() - began;
        while (window.answer === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
        const answered = performance.now();
        window.answer(answer());
        const tokens = await Promise.all(waiting);
        const settled = performance.now() - answered;
        rows.push({ count, calls: calls - before, tokens: [...new Set(tokens)].length, last: tokens.at(-1), asked, settled });
      }
      return rows;
    });
    assert.deepEqual(
      rows.map(({ count, calls, tokens, last }) => ({ count, calls, tokens, last })),
      [10, 100, 1_000, 10_000].map((count, index) => ({ count, calls: 1, tokens: 1, last: `an-access-token-number-${index + 2}` })),
    );
    for (const { count, asked, settled } of rows) {
      const micros = (milliseconds) => ((milliseconds * 1000) / count).toFixed(1).padStart(7);
      console.log(`${world.engine}: ${String(count).padStart(6)} callers: ${micros(asked)} µs each to ask, ${micros(settled)} µs each to be answered`);
    }
  });
});
