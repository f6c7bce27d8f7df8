/*
 * npm test [-- <filter>]: the matrix, or the rows whose name holds the filter. HALLPASS_LONG=1 runs the slow rows, too.
 *
 * Drives the browser and the server of tests/e2e, whose packages are installed first where they are not there.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const e2e = fileURLToPath(new URL("../e2e/", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));

if (!existsSync(`${e2e}node_modules/selenium-webdriver`)) {
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: e2e, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) process.exit(1);
}
const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=spec", "--test-concurrency=1", `${here}cache.test.js`, `${here}packaging.test.js`], {
  stdio: "inherit",
  env: { ...process.env, HALLPASS_PACKAGING_FILTER: process.argv.slice(2).join(" ") },
});
process.exit(status ?? 1);
