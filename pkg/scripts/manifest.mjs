// The part of package.json that says how the entries are found. `npm run entries` writes it; the build and
// the tests fail where it is not what scripts/entries.mjs says.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ENTRIES } from "./entries.mjs";

const file = new URL("../package.json", import.meta.url);

/** What is taken as it is, by its own name. */
const files = (...names) => Object.fromEntries(names.map((name) => [`./${name}`, `./dist/${name}`]));

/** package.json as it should be. Types first: resolvers take the first condition that fits. */
function wanted(manifest) {
  const both = (name) => ({
    import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
    require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
  });
  const named = ENTRIES.map(({ name }) => name).filter((name) => name !== "index");
  const exports = Object.fromEntries(ENTRIES.map(({ name }) => [name === "index" ? "." : `./${name}`, both(name)]));
  return {
    ...manifest,
    exports: { ...exports, ...files("hallpass.wasm", "hallpass-provider.wasm"), "./package.json": "./package.json" },
    main: "./dist/index.cjs",
    module: "./dist/index.js",
    types: "./dist/index.d.ts",
    files: ["dist", ...named.map((name) => `${name}/package.json`), "README.md", "LICENSE-MIT", "LICENSE-APACHE"],
  };
}

/**
 * For resolvers from before `exports` (webpack 4, TypeScript's `node10`), which look for a folder of the entry's name.
 * Written into the package's root by the build.
 */
export function folderManifests() {
  return ENTRIES.filter(({ name }) => name !== "index").map(({ name }) => {
    const [main, module, types] = [".cjs", ".js", ".d.ts"].map((extension) => `../dist/${name}${extension}`);
    return { folder: name, manifest: { main, module, types, sideEffects: false } };
  });
}

/** What package.json says, and what it should say. */
export function manifests() {
  const is = readFileSync(file, "utf8");
  return { is, should: `${JSON.stringify(wanted(JSON.parse(is)), null, 2)}\n` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, manifests().should);
