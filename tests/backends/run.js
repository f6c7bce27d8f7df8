/*
 * npm test [-- <filter>]: all back ends, applications and authorization servers, or those whose name holds the filter.
 * npm run write: all, and writes the tables that the documentation includes.
 *
 * Drives the browser of tests/e2e, whose packages are installed first where they are not there, as Python's are.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { installPython } from "./harness/venv.js";

const e2e = fileURLToPath(new URL("../e2e/", import.meta.url));
const tests = ["backends.test.js", "apps.test.js", "providers.test.js", "protected.test.js"].map((name) => fileURLToPath(new URL(name, import.meta.url)));

if (!["selenium-webdriver", "openid-client"].every((name) => existsSync(`${e2e}node_modules/${name}`))) {
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: e2e, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) process.exit(1);
}
installPython();
const isWriting = process.argv[2] === "--write";
const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=spec", "--test-concurrency=1", ...tests], {
  stdio: "inherit",
  env: {
    ...process.env,
    HALLPASS_BACKENDS_FILTER: isWriting ? "" : process.argv.slice(2).join(" "),
    HALLPASS_BACKENDS_WRITE: isWriting ? "1" : "",
  },
});
process.exit(status ?? 1);
