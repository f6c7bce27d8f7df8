/*
 * npm test [-- <filter>]: all tests, or those whose file or name holds the filter.
 * HALLPASS_QUICK=1: those that are marked as the main road.
 * Two files at a time: most of a test is waiting. HALLPASS_E2E_JOBS says otherwise.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const filter = process.argv.slice(2).join(" ");

const all = readdirSync(here).filter((name) => name.endsWith(".test.js"));
const named = all.filter((name) => name.includes(filter));
const isQuick = process.env.HALLPASS_QUICK === "1";
// A file without such a test would start a server and a browser for nothing.
const isMeant = (name) => !isQuick || readFileSync(join(here, name), "utf8").includes("{ quick: true }");
const files = (named.length > 0 ? named : all).filter(isMeant);

const { status } = spawnSync(
  process.execPath,
  [
    "--test",
    "--test-reporter=spec",
    `--test-concurrency=${process.env.HALLPASS_E2E_JOBS ?? "2"}`,
    ...files.map((name) => join(here, name)),
  ],
  { stdio: "inherit", env: { ...process.env, HALLPASS_E2E_FILTER: named.length > 0 ? "" : filter } },
);
process.exit(status ?? 1);
