import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

/** Where the package is: tests run from there. */
const root = process.cwd();

for (const readme of ["../README.md", "README.md"]) {
  test(`every example of ${readme} compiles as an application's own code`, () => {
    const examples = [...readFileSync(join(root, readme), "utf8").matchAll(/^```(tsx?)\n(.*?)^```/gms)];
    assert.ok(examples.length > 0, "no example found: has the fence changed?");
    const folder = join(root, ".readme", readme.replace(/\W/g, "-"));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    examples.forEach(([, kind, code], index) => {
      writeFileSync(join(folder, `example-${String(index)}.${kind ?? "ts"}`), code ?? "");
    });
    const base = join(root, "test/types/tsconfig.json");
    const paths = {
      hallpass: [join(root, "src/index.ts")],
      "hallpass/*": [join(root, "src/*")],
    };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: base, compilerOptions: { target: "ES2022", skipLibCheck: true, paths }, include: ["."] }),
    );
    let errors = "";
    try {
      const tsc = join(root, "node_modules/typescript/bin/tsc");
      execFileSync(process.execPath, [tsc, "--noEmit", "-p", folder], { encoding: "utf8" });
    } catch (error) {
      errors = String((error as { stdout: unknown }).stdout);
    }
    assert.equal(errors, "");
  });
}
