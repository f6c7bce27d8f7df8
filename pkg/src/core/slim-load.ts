import { instantiate } from "./module.js";
import { compileWasm, fromScript, fromWasm } from "./forms.js";
import { createLoader } from "./loader.js";
import { nativeFetch } from "../platform/builtins.js";
import type { WasmSource } from "../slim.js";

let given: WasmSource | PromiseLike<WasmSource> | undefined;

/** From here on the core comes from `source`, if it is not there yet. */
export function useSource(source: WasmSource | PromiseLike<WasmSource>): void {
  given = source;
}

/** The core of the entry with the wasm as a file of its own. */
export const loader = createLoader([
  fromWasm(async () => {
    const source = given === undefined ? new URL("./hallpass.wasm", import.meta.url) : await given;
    return { instantiate, module: await compile(source) };
  }),
  fromScript,
]);

async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  const found = typeof source === "string" || source instanceof URL ? await nativeFetch(source) : source;
  if (!("arrayBuffer" in found)) return compileWasm(found);
  if (!found.ok) throw new Error(`The server answers with ${String(found.status)} where the core should be.`);
  // Engines compile what arrives only where the server gives it its right name.
  const isNamed = found.headers.get("Content-Type") === "application/wasm";
  if (isNamed && typeof WebAssembly.compileStreaming === "function") return WebAssembly.compileStreaming(found);
  return compileWasm(await found.arrayBuffer());
}
