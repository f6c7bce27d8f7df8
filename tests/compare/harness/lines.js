/** Lines of code: formatted, without those that are empty or a comment. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { format } from "prettier";

export async function linesOf(name) {
  const file = fileURLToPath(new URL(`../apps/${name}.js`, import.meta.url));
  const text = await format(await readFile(file, "utf8"), { filepath: file });
  return text.split("\n").filter((line) => !/^\s*(?:\/\/.*)?$/.test(line)).length;
}
