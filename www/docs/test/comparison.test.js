import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CONTESTANTS } from "../../../tests/compare/harness/contestants.js";
import { tableOf } from "../../../tests/compare/harness/table.js";

const root = join(import.meta.dirname, "../../..");
const read = (path) => readFileSync(join(root, path), "utf8");
const measured = JSON.parse(read("tests/compare/measured.json"));

test("the page shows the table, and the table what was measured", () => {
  assert.match(read("www/docs/pages/guide/comparison.md"), /^<!--@include: \S+\/tests\/compare\/table\.md-->$/m);
  assert.equal(read("tests/compare/table.md"), tableOf(measured));
});

test("everybody was measured, in the version that is installed", () => {
  const { devDependencies } = JSON.parse(read("tests/compare/package.json"));
  assert.deepEqual(Object.keys(measured.clients).sort(), [...CONTESTANTS].sort());
  for (const [name, { version }] of Object.entries(measured.clients)) {
    const pinned = name === "hallpass" ? JSON.parse(read("pkg/package.json")).version : (devDependencies[name] ?? devDependencies[`@auth0/${name}`]);
    assert.equal(version, pinned, name);
  }
});
