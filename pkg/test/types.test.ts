import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

/** Where the package is: tests run from there. */
const root = process.cwd();
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

/** Compiles `test/types/*.ts(x)` against the public types, as an application would. */
function compile(...options: string[]): string {
  try {
    execFileSync(process.execPath, [tsc, "--noEmit", ...options], { cwd: root, encoding: "utf8" });
    return "";
  } catch (error) {
    return String((error as { stdout: unknown }).stdout);
  }
}

test("the public types: right uses compile, wrong ones do not", () => {
  assert.equal(compile("-p", "test/types", "--skipLibCheck"), "");
});

test("the built declarations, for every way to resolve them", () => {
  // The declarations themselves are checked once: that takes those of all frameworks with it.
  for (const [module, resolution, skip] of [["esnext", "bundler", "false"], ["node16", "node16", "true"], ["nodenext", "nodenext", "true"]] as const) {
    assert.equal(
      compile("-p", "test/types/tsconfig.dist.json", "--module", module, "--moduleResolution", resolution, "--skipLibCheck", skip),
      "",
      resolution,
    );
  }
});
