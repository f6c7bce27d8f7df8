import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ROWS } from "./rows.js";

/** The documentation includes it. */
const MATRIX = fileURLToPath(new URL("../matrix.md", import.meta.url));
const COLUMNS = ["Sign-in", "Header", "Refresh", "Expiry", "Sign-out"];

/** What was seen, by the row's name. */
const seen = new Map();

/** Notes what became of `column` in `row`. */
export function note({ name }, column, result) {
  seen.set(name, { ...seen.get(name), [column]: result });
}

/** Compares what was seen with the documentation, or writes it there. */
export async function concludeMatrix() {
  const rows = ROWS.map((row) => {
    const cells = COLUMNS.map((column) => seen.get(row.name)?.[column]);
    assert.ok(!cells.includes(undefined), `${row.name} was not seen through`);
    return [`[${row.name}](./${row.page})`, row.run, ...cells];
  });
  await conclude(MATRIX, table(["Back end", "Run", ...COLUMNS], rows));
}

/** Compares what was made with the file that the documentation includes, or writes it. */
export async function conclude(file, made) {
  if (process.env.HALLPASS_BACKENDS_WRITE === "1") await writeFile(file, made);
  else assert.equal(made, await readFile(file, "utf8"), `${file} is not what was seen: \`npm run write\` in tests/backends writes it`);
}

/** A table of Markdown. */
export function table(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}
