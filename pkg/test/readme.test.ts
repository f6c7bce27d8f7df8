import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compileExamples } from "./examples.js";

for (const readme of ["../README.md", "README.md"]) {
  test(`every example of ${readme} compiles as an application's own code`, () => {
    const examples = [...readFileSync(readme, "utf8").matchAll(/^```(tsx?)\n(.*?)^```/gms)];
    assert.ok(examples.length > 0, "no example found: has the fence changed?");
    const files = examples.map(([, kind, code], index) => [`example-${String(index)}.${kind ?? "ts"}`, code ?? ""] as const);
    assert.equal(compileExamples(readme, new Map(files)), "");
  });
}
