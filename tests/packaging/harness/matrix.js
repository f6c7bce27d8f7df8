import { readFileSync } from "node:fs";

/** What was seen, row by row: filled by the tests, printed and compared with the README at the end. */
const seen = new Map();

/** Notes what became of `column` in `row`. */
export function note(row, column, result) {
  seen.set(row, { ...seen.get(row), [column]: result });
}

/** A Markdown table of those of `names` that ran. */
export function table(head, columns, names) {
  const cells = names.filter((name) => seen.has(name)).map((name) => [name, ...columns.map((column) => seen.get(name)[column] ?? "–")]);
  return [[head, ...columns], ["---", ...columns.map(() => "---")], ...cells].map((row) => `| ${row.join(" | ")} |`);
}

/** The lines of the project's README. */
export function readmeLines() {
  return readFileSync(new URL("../../../README.md", import.meta.url), "utf8").split("\n");
}
