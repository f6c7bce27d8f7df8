import { wasmBytes } from "./core-wasm.js";
import { fromScript, fromWasm } from "./forms.js";
import { createLoader } from "./loader.js";

/** The core of the default entry. */
export const loader = createLoader([fromWasm(async () => WebAssembly.compile(wasmBytes())), fromScript]);
