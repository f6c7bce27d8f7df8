import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

/** Tests run from the package's folder. */
const folder = join(process.cwd(), "src");

/**
 * Two files whose types name each other, which no module loads: an error tells its code, and the public types name the
 * error; the slim entry has the public type of what its loader is given.
 */
const OF_TYPES = ["error → types → error", "slim → slim-load → slim"];

type Graph = ReadonlyMap<string, readonly string[]>;

test("no two files of the package need each other, not even by way of others", () => {
  const sources = new Map(
    readdirSync(folder)
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => [name.replace(/\.tsx?$/, ""), readFileSync(join(folder, name), "utf8")]),
  );
  const values = graph(sources, false);
  const edges = [...values.values()].flat().length;
  assert.ok(edges > sources.size, "the reader sees too little");
  assert.deepEqual(circles(values), []);
  assert.deepEqual(circles(graph(sources, true)), OF_TYPES);
});

test("the reader sees every way to import, and tells types from values", () => {
  const sources = new Map([
    ["a", 'import { x } from "./b.js";\nimport type { Y } from "./c.js";'],
    ["b", 'export * from "./d.js";\nexport type * from "./c.js";'],
    ["c", 'const a = await import("./a.js");\nimport {\n  type Z,\n} from "./d.js";'],
    ["d", 'import "./e.js";\nexport { type T } from "./a.js";'],
    ["e", ""],
  ]);
  assert.deepEqual([...graph(sources, false)], [["a", ["b"]], ["b", ["d"]], ["c", ["a"]], ["d", ["e"]], ["e", []]]);
  assert.deepEqual(circles(graph(sources, false)), []);
  assert.deepEqual(circles(graph(sources, true)), ["a → b → c → a", "a → b → c → d → a", "a → b → d → a", "a → c → a", "a → c → d → a"]);
});

function graph(sources: ReadonlyMap<string, string>, withTypes: boolean): Graph {
  return new Map([...sources].map(([name, text]) => [name, imports(text, withTypes)]));
}

/** What a file imports or hands on. A list whose members are all types is a list of types. */
function imports(text: string, withTypes: boolean): string[] {
  const named = new Set<string>();
  const statement = /\b(?:import|export)\b(?<what>[^;"'(=]*)\(?"\.\/(?<name>[\w-]+)\.js"/g;
  for (const { groups } of text.matchAll(statement)) {
    const what = groups?.what?.trim() ?? "";
    const members = /^\{(.*?),?\s*\}/s.exec(what)?.[1]?.split(",") ?? [];
    const isType = what.startsWith("type ") || (members.length > 0 && members.every((member) => member.trim().startsWith("type ")));
    if (withTypes || !isType) named.add(groups?.name ?? "");
  }
  return [...named];
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
