import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";

/** Tests run from the package's folder. */
const folder = join(process.cwd(), "src");

/**
 * Two files whose types name each other, which no module loads: an error tells its code, and the public types name the
 * error; the slim entry has the public type of what its loader is given.
 */
const OF_TYPES = ["core/slim-load → slim → core/slim-load", "error → types → error"];

/**
 * The folders, each of which runs code of those before it only. What stands in no folder: the facade, what all of them
 * share, and the entry points.
 */
const FOLDERS = ["platform", "options", "core", "requests", "redirect", "oidc", "adapters", "devtools", "server"];

type Graph = ReadonlyMap<string, readonly string[]>;

test("no two files of the package need each other, not even by way of others", () => {
  const sources = readSources();
  const values = graph(sources, false);
  const edges = [...values.values()].flat().length;
  assert.ok(edges > sources.size, "the reader sees too little");
  assert.deepEqual(circles(values), []);
  assert.deepEqual(circles(graph(sources, true)), OF_TYPES);
});

test("folders of the package run code of those before them only", () => {
  const values = graph(readSources(), false);
  const folderOf = (name: string): string => dirname(name);
  assert.deepEqual([...new Set([...values.keys()].map(folderOf))].filter((name) => name !== ".").sort(), [...FOLDERS].sort());
  const upward = [...values].flatMap(([name, imported]) =>
    imported.filter((other) => FOLDERS.indexOf(folderOf(other)) > FOLDERS.indexOf(folderOf(name)) && folderOf(name) !== ".").map((other) => `${name} → ${other}`),
  );
  assert.deepEqual(upward, []);
});

test("what runs on a server runs nothing of the page's half, and no page's half runs it", () => {
  const values = graph(readSources(), false);
  const reached = reachable(values, "server/index");
  assert.ok(reached.has("server/dpop") && reached.has("options/values"), "the reader sees too little");
  const common = [...reached].filter((name) => !name.startsWith("server/")).sort();
  assert.deepEqual(common, ["error", "options/secure-url", "options/values", "platform/builtins", "platform/originals", "platform/page"]);
  const others = [...values].filter(([name]) => !name.startsWith("server/")).flatMap(([, imported]) => imported);
  assert.deepEqual(others.filter((name) => name.startsWith("server/")), []);
});

test("the reader sees every way to import, and tells types from values", () => {
  const sources = new Map([
    ["a", 'import { x } from "./b.js";\nimport type { Y } from "./c.js";'],
    ["b", 'export * from "./d.js";\nexport type * from "./c.js";'],
    ["c", 'const a = await import("./a.js");\nimport {\n  type Z,\n} from "./d.js";'],
    ["d", 'import "./e.js";\nexport { type T } from "./a.js";'],
    ["e", 'import { f } from "./f/g.js";'],
    ["f/g", 'import type { Y } from "../c.js";\nimport { h } from "./h.js";'],
    ["f/h", ""],
  ]);
  assert.deepEqual([...graph(sources, false)], [
    ["a", ["b"]],
    ["b", ["d"]],
    ["c", ["a"]],
    ["d", ["e"]],
    ["e", ["f/g"]],
    ["f/g", ["f/h"]],
    ["f/h", []],
  ]);
  assert.deepEqual(circles(graph(sources, false)), []);
  assert.deepEqual(circles(graph(sources, true)), CIRCLES_OF_TYPES);
});

const CIRCLES_OF_TYPES = ["a → b → c → a", "a → b → c → d → a", "a → b → d → a", "a → b → d → e → f/g → c → a", "a → c → a", "a → c → d → a", "c → d → e → f/g → c"];

function readSources(): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
  return new Map(names.sort().map((name) => [name.replace(/\.tsx?$/, ""), readFileSync(join(folder, name), "utf8")]));
}

function graph(sources: ReadonlyMap<string, string>, withTypes: boolean): Graph {
  return new Map([...sources].map(([name, text]) => [name, imports(text, withTypes).map((path) => normalize(join(dirname(name), path)))]));
}

/** What a file imports or hands on. A list whose members are all types is a list of types. */
function imports(text: string, withTypes: boolean): string[] {
  const named = new Set<string>();
  const statement = /\b(?:import|export)\b(?<what>[^;"'(=]*)\(?"(?<name>\.\.?\/(?!\.\.\/generated)[\w/-]+)\.js"/g;
  for (const { groups } of text.matchAll(statement)) {
    const what = groups?.what?.trim() ?? "";
    const members = /^\{(.*?),?\s*\}/s.exec(what)?.[1]?.split(",") ?? [];
    const isType = what.startsWith("type ") || (members.length > 0 && members.every((member) => member.trim().startsWith("type ")));
    if (withTypes || !isType) named.add(groups?.name ?? "");
  }
  return [...named];
}

function reachable(graph: Graph, from: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(from)) return found;
  found.add(from);
  for (const next of graph.get(from) ?? []) reachable(graph, next, found);
  return found;
}

/** Each circle once, from its first name. */
function circles(graph: Graph): string[] {
  const found = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    if (name === way[0]) found.add([...way, name].join(" → "));
    // A circle is found from the first of its names.
    if (way.includes(name) || name < (way[0] ?? name)) return;
    for (const next of graph.get(name) ?? []) visit(next, [...way, name]);
  };
  for (const name of graph.keys()) visit(name, []);
  return [...found].sort();
}
