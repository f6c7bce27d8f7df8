// Runs test/*.test.ts(x): esbuild compiles each into .test/, node:test runs them there.
// Arguments go to node: `npm test -- --test-name-pattern=…`.

import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const compiled = join(root, ".test");
const sources = readdirSync(join(root, "test")).filter((name) => /\.test\.tsx?$/.test(name));

rmSync(compiled, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: sources.map((name) => join("test", name)),
  outdir: compiled,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node20",
  format: "esm",
  jsx: "automatic",
  sourcemap: "inline",
  logLevel: "warning",
});
const files = sources.map((name) => join(compiled, name.replace(/\.tsx?$/, ".mjs")));
const { status } = spawnSync(process.execPath, ["--enable-source-maps", "--expose-gc", "--test", ...process.argv.slice(2), ...files], {
  cwd: root,
  stdio: "inherit",
});
process.exit(status ?? 1);
