import { after, before, describe, it } from "node:test";
import { engineNames } from "./engines.js";
import { World } from "./world.js";

/** Tests whose name holds this run; the others are not there at all. Set by run.js. */
const FILTER = process.env.HALLPASS_E2E_FILTER ?? "";

/** `cargo xtask test --quick`: only the tests that are marked so, the main road. */
const QUICK = process.env.HALLPASS_QUICK === "1";

/** `cargo xtask e2e --long`: where time itself is tested, more of it. */
export const LONG = process.env.HALLPASS_LONG === "1";

/**
 * Tests that run in every engine asked for, each with a clean browser. `define` gets `test(name, body)`, where `body`
 * gets the world; the name says what is shown and which requirements that covers. `engines`: those whose driver can do
 * it. `quick`: part of the main road.
 *
 * @param {string} title
 * @param {(test: (name: string, body: (world: World) => Promise<void>, options?: { seconds?: number, engines?: string[], quick?: boolean }) => void) => void} define
 */
export function suite(title, define) {
  const tests = [];
  define((name, body, { seconds = 180, engines, quick = false } = {}) => {
    if (isChosen(name, quick)) tests.push({ name, body, seconds, engines });
  });

  for (const engine of engineNames()) {
    const possible = tests.filter(({ engines }) => engines === undefined || engines.includes(engine));
    if (possible.length === 0) continue;
    describe(`${title} [${engine}]`, () => {
      const world = new World(engine);
      before(() => world.start(), { timeout: 120_000 });
      after(() => world.stop(), { timeout: 60_000 });
      for (const { name, body, seconds } of possible) {
        it(name, { timeout: seconds * 1000 }, () => runTest(world, body));
      }
    });
  }
}

/** `it` of node:test for a file without a browser: of its tests, those that were asked for. */
export function chosen({ seconds = 60 } = {}) {
  return (name, body) => {
    if (isChosen(name, false)) it(name, { timeout: seconds * 1000 }, body);
  };
}

function isChosen(name, quick) {
  return name.includes(FILTER) && (quick || !QUICK);
}

async function runTest(world, body) {
  await world.reset();
  try {
    await body(world);
    await world.verify();
  } catch (error) {
    error.message += `\n${await world.diagnose()}`;
    throw error;
  }
}
