import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { conclude, table } from "./matrix.js";
import { ROWS } from "./rows.js";

const LINES = fileURLToPath(new URL("../lines.md", import.meta.url));
const rowOf = (wanted) => ROWS.find(({ folder }) => folder === wanted);

/**
 * Applications as they were, their session kept by hand, and as they are with hallpass, against one server each.
 *
 * @typedef {object} App
 * @property {string} name
 * @property {string} folder
 * @property {import("./rows.js").Row} row
 */

/** Long enough for a reload on a busy machine: some of these have no refresh. */
export const APP_ACCESS_SECONDS = 10;
const env = { ACCESS_SECONDS: String(APP_ACCESS_SECONDS) };

/** @type {readonly App[]} */
export const APPS = [
  { name: "RealWorld, fetch", folder: "apps/realworld-fetch", row: { ...rowOf("realworld"), env } },
  { name: "RealWorld, axios, a server that says 403", folder: "apps/realworld-axios", row: { ...rowOf("realworld"), env: { ...env, FORBIDDEN: "1" } } },
  { name: "`x-access-token` with refresh, axios", folder: "apps/x-access-token", row: { ...rowOf("x-access-token"), env } },
];

export const VERSIONS = ["before", "after"];

/** Compares the table of lines with the documentation's, or writes it there. */
export async function concludeLines() {
  const rows = APPS.map(({ name, folder }) => [name, ...VERSIONS.map((version) => linesOf(`${folder}/${version}.ts`))]);
  await conclude(LINES, table(["Lines of auth code", "Hand-written", "With hallpass"], rows));
}

/** What stands below is no code that keeps the session. */
const REST = "\n// What the application does anyway.\n";

/** Lines of code that keep the session: neither empty nor a comment. */
function linesOf(file) {
  const [auth, ...rest] = readFileSync(new URL(`../${file}`, import.meta.url), "utf8").split(REST);
  if (rest.length !== 1) throw new Error(`${file} does not say where the application begins`);
  return auth.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("//")).length;
}
