import { instantiate } from "./module.js";
import { compileWasm, fromScript, fromWasm } from "./forms.js";
import { createCores, type Cores, type Source } from "./loader.js";
import { nativeFetch } from "../platform/builtins.js";
import { resolve } from "../platform/originals.js";
import type { WasmSource } from "../slim.js";

type Given = WasmSource | PromiseLike<WasmSource>;

/** Compiles what the application has named, once for both cores: an answer can be read once. */
let compileGiven: (() => Promise<WebAssembly.Module>) | undefined;

/** From here on the core comes from `source`, if it is not there yet. */
export function useSource(source: Given): void {
  let module: Promise<WebAssembly.Module> | undefined;
  compileGiven = () =>
    (module ??= compile(source).catch((error: unknown) => {
      module = undefined; // the next call tries again
      throw error;
    }));
}

const found = createCores(
  separate(() => new URL("./hallpass.wasm", import.meta.url)),
  separate(() => new URL("./hallpass-provider.wasm", import.meta.url)),
  fromScript,
);

/** The cores of the entry with the wasm as a file of its own. What the application names is the core for everything. */
export const cores: Cores = {
  of: (hasProvider) => found.of(hasProvider && compileGiven === undefined),
  get loaded() {
    return found.loaded;
  },
};

/** One glue goes with either. */
function separate(address: () => URL): Source {
  return fromWasm(async () => {
    await resolve(); // the source may be named right after the first `createAuth`
    return { instantiate, module: await (compileGiven?.() ?? compile(address())) };
  });
}

async function compile(given: Given): Promise<WebAssembly.Module> {
  const source = await given;
  if (source instanceof WebAssembly.Module) return source;
  const found = typeof source === "string" || source instanceof URL ? await nativeFetch(source) : source;
  if (!("arrayBuffer" in found)) return compileWasm(found);
  if (!found.ok) throw new Error(`The server answers with ${String(found.status)} where the core should be.`);
  // Engines compile what arrives only where the server gives it its right name.
  const isNamed = found.headers.get("Content-Type") === "application/wasm";
  if (isNamed && typeof WebAssembly.compileStreaming === "function") return WebAssembly.compileStreaming(found);
  return compileWasm(await found.arrayBuffer());
}
