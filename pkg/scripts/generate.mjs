// The rest of generated/, from what `cargo xtask build` put there (core.js, the glue; hallpass.wasm, hallpass-provider.wasm):
//
//   glue.js                the glue as a function
//   core-text.js           the wasm as a text: its bytes in hexadecimal digits
//   core-provider-text.js  the same of the core with sign-in at a provider
//   core-script.js         that as JavaScript, for where there is no WebAssembly

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { glueFactory, scriptModule } from "./glue.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const generated = join(root, "generated");

/** What the sources import from generated/; what it is stands in src/core/glue.ts. */
const TYPES = {
  "glue.d.ts": 'import type { CreateGlue } from "../src/core/glue.js";\nexport declare const createGlue: CreateGlue;\n',
  "core-text.d.ts": "export declare const HEX: string;\n",
  "core-provider-text.d.ts": "export declare const HEX: string;\n",
  "core-script.d.ts":
    'import type { Exports, Imports } from "../src/core/glue.js";\nimport type { Originals } from "../src/core/originals.js";\n' +
    "export declare function runScript(imports: Imports & { grown(): void }, original: Originals): Exports;\n",
};

/** Lets the sources be type-checked before the core has been built. It writes no code, so that nothing can run on it by mistake. */
export function writeTypes() {
  mkdirSync(generated, { recursive: true });
  for (const [name, text] of Object.entries(TYPES)) writeFileSync(join(generated, name), text);
}

/** Writes everything; exits where the core has not been built. */
export function generate() {
  for (const file of ["core.js", "hallpass.wasm", "hallpass-provider.wasm", "sbom.cdx.json"]) {
    if (!existsSync(join(generated, file))) {
      console.error(`pkg/generated/${file} is missing: run "cargo xtask build", which makes it.`);
      process.exit(1);
    }
  }
  writeTypes();
  writeFileSync(join(generated, "glue.js"), glueFactory(readFileSync(join(generated, "core.js"), "utf8")));
  writeText("hallpass.wasm", "core-text.js");
  writeText("hallpass-provider.wasm", "core-provider-text.js");
  writeScript(join(generated, "hallpass-provider.wasm"));
}

function writeText(wasm, file) {
  writeFileSync(join(generated, file), `export const HEX = "${readFileSync(join(generated, wasm), "hex")}";\n`);
}

/** Takes seconds, so only where the wasm, or the way to do it, has changed. */
function writeScript(wasm) {
  const file = join(generated, "core-script.js");
  const recipe = [import.meta.filename, join(import.meta.dirname, "glue.mjs"), join(root, "package-lock.json")];
  const hash = createHash("sha256").update(readFileSync(wasm));
  for (const part of recipe) hash.update(readFileSync(part));
  const stamp = `// ${hash.digest("hex")}\n`;
  if (existsSync(file) && readFileSync(file, "utf8").startsWith(stamp)) return;
  const raw = join(generated, "core-script.raw.js");
  const wasm2js = join(root, "node_modules", "binaryen", "bin", "wasm2js");
  execFileSync(process.execPath, [wasm2js, "--emscripten", "-Oz", wasm, "-o", raw], { stdio: "inherit" });
  writeFileSync(file, stamp + scriptModule(readFileSync(raw, "utf8")));
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv.includes("--types")) writeTypes();
