import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";

/* Whether anything stays behind. Chromium alone tells what its heap holds, and collects the garbage when it is asked to. */

const ROUNDS = 5;
const OPERATIONS_A_ROUND = 200_000;

/** What the heap may grow by in all rounds together: compiled code and caches come and go, a leak grows with the rounds. */
const SLACK_BYTES = 64 * 1024;

suite("soak", (test) => {
  test("a million operations: JS heap and wasm memory are flat after warm-up, no listener and no timer is left over (REL-31)", async (world) => {
    const [server] = await world.origins();
    const page = world.packagePage(server);
    await page.goto(`${server.origin}/soak.html`);
    const bare = await measure(page);
    await page.run(() => window.soak.start());
    // The warm-up: until the engine has compiled whatever it wants to compile.
    for (let round = 0; round < 2; round += 1) await page.run((count) => window.soak.run(count), OPERATIONS_A_ROUND);

    const before = await measure(page);
    const rows = [before];
    for (let round = 0; round < ROUNDS; round += 1) {
      await page.run((count) => window.soak.run(count), OPERATIONS_A_ROUND);
      rows.push(await measure(page));
    }
    for (const { heap, wasm, listeners, timers } of rows) {
      console.log(`heap ${heap.toLocaleString("en").padStart(10)} B, wasm ${wasm.toLocaleString("en")} B, ${listeners} listeners, ${timers} timers`);
    }
    const after = rows.at(-1);
    assert.deepEqual([after.wasm, after.listeners, after.timers], [before.wasm, before.listeners, before.timers]);
    assert.ok(after.heap - before.heap < SLACK_BYTES, `the heap grew by ${after.heap - before.heap} bytes`);

    await page.run(() => {
      window.soak.auth.close();
      window.soak.auth = undefined;
    });
    const closed = await measure(page);
    assert.deepEqual([closed.listeners, closed.timers], [bare.listeners, bare.timers], "nothing is left of a closed manager");
  }, { engines: ["chromium"], seconds: 900 });
});

async function measure(page) {
  await page.front();
  const ask = (command) => page.driver.sendAndGetDevToolsCommand(command, {});
  // Twice: what the first makes unreachable by finalizers, the second collects.
  await ask("HeapProfiler.collectGarbage");
  await ask("HeapProfiler.collectGarbage");
  const { usedSize } = await ask("Runtime.getHeapUsage");
  await ask("Performance.enable");
  const { metrics } = await ask("Performance.getMetrics");
  const [wasm, timers] = await page.run(() => [window.soak.memory?.buffer.byteLength, window.soak.timers.size]);
  return { heap: usedSize, wasm, timers, listeners: metrics.find(({ name }) => name === "JSEventListeners").value };
}
