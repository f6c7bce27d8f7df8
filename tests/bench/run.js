/** Measures the package, as it is built, beside other clients in headless Chromium, and prints what came of it. */

import { startChromium } from "./harness/chromium.js";
import { bundlePages, DECODERS, STARTS, TRANSFERS } from "./harness/pages.js";
import { startServer } from "./harness/server.js";
import { printFirstCalls, printHotPaths, printStarts, printTransfers } from "./harness/tables.js";
import { SIZES, tokenOf } from "./page/token.js";

/** Rounds of every comparison: each contestant has a turn in each, beginning with another one. */
const START_ROUNDS = 21;
const FIRST_CALL_ROUNDS = 11;
const TRANSFER_ROUNDS = 5;
/** A phone of the middle class, as the tools of browsers have it. */
const SLOWDOWN = 4;

const server = await startServer(await bundlePages(), tokenOf(800));
const chromium = await startChromium();
try {
  const wanted = new Set(process.argv.slice(2));
  const parts = { starts: measureStarts, "first-calls": measureFirstCalls, "hot-paths": measureHotPaths, transfers: measureTransfers };
  for (const [name, measure] of Object.entries(parts)) {
    if (wanted.size === 0 || wanted.has(name)) await measure();
  }
} finally {
  await chromium.stop();
  server.close();
}

/** From the navigation to the first request with a token, and to the first paint. */
async function measureStarts() {
  const stored = await visit("sessions");
  const before = `
    for (const [key, value] of ${JSON.stringify(stored.session)}) sessionStorage.setItem(key, value);
    for (const [key, value] of ${JSON.stringify(stored.local)}) localStorage.setItem(key, value);`;
  const rounds = [];
  await inTurns(START_ROUNDS, STARTS, async (name, round) => {
    rounds[round] ??= {};
    rounds[round][name] = await visit(`start/${name}`, { before, slowdown: SLOWDOWN });
  });
  printStarts(SLOWDOWN, STARTS, rounds);
}

async function measureFirstCalls() {
  for (const size of SIZES) {
    const measured = Object.fromEntries(DECODERS.map((name) => [name, []]));
    await inTurns(FIRST_CALL_ROUNDS, DECODERS, async (name, round) => {
      measured[name][round] = await visit(`first-calls/${name}?size=${size}`);
    });
    printFirstCalls(size, measured);
  }
}

async function measureHotPaths() {
  printHotPaths(await visit("hot-paths"));
}

/** 80 MB down and up: how long, and the most memory that the page's process had. */
async function measureTransfers() {
  const measured = Object.fromEntries(TRANSFERS.map((name) => [name, []]));
  await inTurns(TRANSFER_ROUNDS, TRANSFERS, async (name, round) => {
    measured[name][round] = await visit(`transfers/${name}`, { withMemory: true });
  });
  printTransfers(measured);
}

/** One round ahead is not counted: it warms the browser itself. */
async function inTurns(rounds, names, measure) {
  for (let round = -1; round < rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      await measure(names[(turn + round + 1) % names.length], Math.max(round, 0));
    }
  }
}

/** What the page reports that is opened in a context of its own. */
async function visit(path, { withMemory = false, ...options } = {}) {
  const report = server.report();
  const page = await chromium.openPage(`${server.origin}/${path}`, options);
  try {
    const outcome = await report;
    return withMemory ? { ...outcome, peakBytes: await page.peakBytes() } : outcome;
  } finally {
    await page.close();
  }
}
