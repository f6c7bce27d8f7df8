// The code blocks of the pages, as files of an application.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Every page, with its path from `folder`. */
export function pagesIn(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => ({ name: name.replace(/\.md$/, ""), text: readFileSync(join(folder, name), "utf8") }));
}

/** The blocks of a page: language, the name in brackets, code. */
export function blocksOf(text) {
  const fences = text.matchAll(/^( *)```(\w*)([^\n]*)\n(.*?)^\1```$/gms);
  return [...fences].map(([, indent, language, info, code]) => ({
    language,
    file: /\[(.+?)\]/.exec(info)?.[1],
    code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
}

const SOURCE = { ts: "ts", tsx: "tsx", js: "js", vue: "vue", html: "html" };
/** Nothing to compile. */
export const TEXT = ["sh", "http", "json", "text"];

/** Writes the blocks of every page into `folder`, one folder a page, and says which page has how many. */
export function writeExamples(pages, folder, fallback) {
  rmSync(folder, { recursive: true, force: true });
  const counts = new Map();
  for (const { name, text } of pages) {
    const taken = new Set();
    const put = (file, code) => {
      // A page that shows a file in two ways: each stands for itself.
      const path = join(folder, name, taken.has(file) ? `again-${taken.size}` : "", file);
      taken.add(file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, code);
    };
    const sources = blocksOf(text).filter(({ language }) => language in SOURCE);
    for (const [index, { language, file, code }] of sources.entries()) {
      if (language === "html") put(`block-${index}.js`, scriptsOf(code).join("\n"));
      else put(file ?? `block-${index}.${SOURCE[language]}`, code);
    }
    // A recipe that the page's other files import; the package's own tests compile them all.
    const shown = name.startsWith("recipes/") ? [] : text.matchAll(/^<<< @\/(recipes\/\S+) \[(\S+)\]$/gm);
    for (const [, recipe, file] of shown) put(file, readFileSync(join(import.meta.dirname, "../..", recipe), "utf8").replace('"../auth"', '"./auth"'));
    if (sources.length > 0 && !taken.has("auth.ts")) put("auth.ts", fallback);
    counts.set(name, sources.length);
  }
  return counts;
}

/** What runs in a page. */
export function scriptsOf(html) {
  return [...html.matchAll(/<script type="module">(.*?)<\/script>/gs)].map(([, code]) => code);
}
