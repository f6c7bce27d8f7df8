/**
 * The same application with each client of OpenID Connect, in headless Chromium, against one authorization server.
 * Writes `measured.json`, and from it the table that the documentation includes. Names of clients: only these are
 * measured anew.
 */

import "./harness/clock.js";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { startChromium } from "../bench/harness/chromium.js";
import { bundle } from "./harness/bundle.js";
import { CONTESTANTS, PER_TAB, versionOf } from "./harness/contestants.js";
import { linesOf } from "./harness/lines.js";
import * as scenarios from "./harness/scenarios.js";
import { Stage } from "./harness/stage.js";
import { tableOf } from "./harness/table.js";

const MEASURED = new URL("measured.json", import.meta.url);
const TABLE = new URL("table.md", import.meta.url);

const only = process.argv.slice(2);
const isWanted = (name) => only.length === 0 || only.includes(name);
const stage = await new Stage().start();
const chromium = await startChromium(stage.flags);
try {
  const world = { stage, send: chromium.send };
  const measured = only.length > 0 && existsSync(MEASURED) ? JSON.parse(readFileSync(MEASURED, "utf8")) : { clients: {} };
  measured.chromium = (await chromium.send("Browser.getVersion")).product.replace(/.*\//, "");
  for (const name of [...CONTESTANTS, PER_TAB].filter(isWanted)) {
    console.log(name);
    try {
      const outcome = await measure(world, name);
      if (name === PER_TAB) measured.perTab = outcome;
      else measured.clients[name] = { version: versionOf(name), lines: await linesOf(name), ...outcome };
    } catch (error) {
      // The others are measured all the same; this one stays as it was.
      const { requests, provider } = stage;
      console.error(error, { requests, visits: provider.visits, asked: provider.asked });
      process.exitCode = 1;
    }
    writeFileSync(MEASURED, `${JSON.stringify(measured, null, 2)}\n`);
    writeFileSync(TABLE, tableOf(measured));
  }
} finally {
  await chromium.stop();
  await stage.stop();
}

async function measure(world, name) {
  const built = await bundle(name);
  stage.put(built.files);
  const outcome = {};
  for (const scenario of name === PER_TAB ? ["tabs"] : ["reload", "sleep", "sleepOffline", "tabs", "signOut"]) {
    outcome[scenario] = await scenarios[scenario](world, built);
  }
  return outcome;
}
