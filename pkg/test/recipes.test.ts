import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { compileExamples } from "./examples.js";

const folder = "../www/docs/recipes";
const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
/** Runs where there is no page: with types of its own. */
const WORKER = "service-worker.ts";
/** Run on a server. */
const SERVERS = names.filter((name) => name.startsWith("servers/"));

const read = (some: readonly string[]): Map<string, string> => new Map(some.map((name) => [name, readFileSync(join(folder, name), "utf8")]));

test("every recipe compiles, with the real libraries' types", () => {
  const pages = names.filter((name) => name !== WORKER && !SERVERS.includes(name));
  assert.deepEqual(
    ["auth.ts", "tanstack-query.ts", "swr.tsx", "guards/react-router.tsx", "guards/ionic.tsx", "ky.ts", "graphql.ts", "second-factor.ts", "web-socket.ts", "event-source.ts", "service-worker-page.ts", "next/auth.ts", "next/providers.tsx", "next/route.ts"].filter((name) => !pages.includes(name)),
    [],
  );
  const mistake = 'import ky from "ky";\nky.create({ fetch: 1 });\n';
  const said = compileExamples("recipes", read(pages).set("mistake.ts", mistake), { lib: ["ES2022", "DOM", "DOM.Iterable"] });
  assert.match(said, /mistake\.ts\(2,/, "a check that does not see a mistake sees nothing");
  assert.deepEqual(said.split("\n").filter((line) => line !== "" && !line.includes("mistake.ts") && !line.startsWith(" ")), []);
});

test("the guard for React Router compiles with version 7, too", () => {
  const paths = { "hallpass/*": ["../../src/adapters/*"], "react-router": ["../../node_modules/react-router-7"] };
  assert.equal(compileExamples("recipes-react-router-7", read(["guards/react-router.tsx"]), { lib: ["ES2022", "DOM", "DOM.Iterable"], paths }), "");
});

test("the service worker compiles where there is no page", () => {
  assert.equal(compileExamples("recipes-worker", read([WORKER]), { lib: ["ES2022", "WebWorker", "WebWorker.Iterable"] }), "");
});

test("the recipes for servers compile, with the frameworks' types and without a page's", () => {
  assert.deepEqual([...SERVERS].sort(), ["express", "fastify", "fetch", "hono", "next-middleware", "verify"].map((name) => `servers/${name}.ts`));
  const options = { lib: ["ES2023"], types: ["node"], typeRoots: ["../../node_modules/@types"], paths: { "hallpass/server": ["../../dist/server.d.ts"] } };
  assert.equal(compileExamples("recipes-servers", read(SERVERS), options), "");
});
