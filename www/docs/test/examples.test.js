import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { blocksOf, pagesIn, scriptsOf, TEXT, writeExamples } from "./support/blocks.js";

const root = join(import.meta.dirname, "..");
const pages = pagesIn(join(root, "pages"));
const folder = join(root, "generated/examples");

/** For pages that do not show how `auth` is made. */
const AUTH = `import { createAuth } from "hallpass";
export const auth = createAuth({ origins: ["https://api.example.com"], signIn: "/auth", refresh: "/token" });
`;

/** One mistake for each kind of file: a check that does not see it sees nothing. */
const MISTAKES = {
  "mistake-1.ts": `import { auth } from "./start/react/auth";\nauth.fetchh("/");\n`,
  "mistake-2.js": `import { createAuth } from "hallpass";\ncreateAuth({ origin: [] });\n`,
  "mistake-3.vue": `<script setup lang="ts">\nconst name = "x";\n</script>\n<template>{{ nam }}</template>\n`,
};

test("every example compiles as an application's own code, against the packed types", () => {
  const counts = writeExamples(pages, folder, AUTH);
  assert.ok(counts.get("start/index") > 1, "no example found: has the fence changed?");
  for (const [name, code] of Object.entries(MISTAKES)) writeFileSync(join(folder, name), code);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: "../../tsconfig.examples.json", include: ["."] }));

  const compiler = join(root, "node_modules/vue-tsc/bin/vue-tsc.js");
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, "--noEmit", "--pretty", "false", "-p", folder], { cwd: folder, encoding: "utf8" });
  assert.equal(stderr, "");
  const errors = stdout.split("\n").filter((line) => line !== "");
  for (const name of Object.keys(MISTAKES)) {
    assert.ok(errors.some((line) => line.startsWith(`${name}(`)), `the mistake in ${name} went unseen`);
  }
  assert.deepEqual(errors.filter((line) => !line.startsWith("mistake-") && !line.startsWith(" ")), []);
});

test("every block says in which language it is", () => {
  const known = [...TEXT, "ts", "tsx", "js", "vue", "html"];
  for (const { name, text } of pages) {
    for (const { language, code } of blocksOf(text)) {
      assert.ok(known.includes(language), `${name}: "${language}" is none of ${known.join(", ")}\n${code}`);
      if (language === "json") JSON.parse(code);
      if (language === "html") assert.ok(scriptsOf(code).length > 0, `${name}: no <script type="module">\n${code}`);
    }
  }
});

test("an import map names files that the package has", () => {
  const maps = pages.flatMap(({ text }) => [...text.matchAll(/<script type="importmap">(.*?)<\/script>/gs)]);
  assert.ok(maps.length > 0);
  for (const [, map] of maps) {
    for (const [specifier, address] of Object.entries(JSON.parse(map).imports)) {
      const file = address.replace(/^\/hallpass\//, "node_modules/hallpass/dist/");
      assert.ok(existsSync(join(root, file)), `${specifier}: ${address}`);
      assert.match(readFileSync(join(root, file), "utf8"), /^export |^export\{/m);
    }
  }
});
