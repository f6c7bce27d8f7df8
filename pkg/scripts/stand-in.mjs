// Lets the sources be type-checked before the core has been built: writes the types of what the build puts
// into generated/, where they are missing. It writes no code, so that nothing can run on it by mistake.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";

const generated = new URL("../generated/", import.meta.url);

const types = {
  "core.d.ts": "export default function init(input: { module_or_path: BufferSource }): Promise<unknown>;\n",
  "wasm-hex.d.ts": "export declare const WASM_HEX: string;\n",
};

mkdirSync(generated, { recursive: true });
for (const [name, text] of Object.entries(types)) {
  const file = new URL(name, generated);
  if (!existsSync(file)) writeFileSync(file, text);
}
