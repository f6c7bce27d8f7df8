import { compileWasm, fromScript, fromWasm } from "./forms.js";
import { createLoader } from "./loader.js";
import { originals } from "./originals.js";

/**
 * The core of the default entry: a module of its own, which bundlers put beside the application's main chunk, or into
 * it where they make one file. The address stands there as it is, or they would not find it.
 */
export const loader = createLoader([
  fromWasm(async () => {
    const { instantiate, wasmBytes } = await import(/* webpackChunkName: "hallpass-core" */ "./wasm.js");
    return { instantiate, module: await compileWasm(wasmBytes(originals)) };
  }),
  fromScript,
]);
