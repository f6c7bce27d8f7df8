import { compileWasm, fromScript, fromWasm } from "./forms.js";
import { createCores, type Source } from "./loader.js";
import { originals } from "./originals.js";

/**
 * The cores of the default entry: each a module of its own, which bundlers put beside the application's main chunk, or
 * into it where they make one file. The addresses stand there as they are, or they would not find them.
 */
export const cores = createCores(
  inlined(() => import(/* webpackChunkName: "hallpass-core" */ "./wasm.js")),
  inlined(() => import(/* webpackChunkName: "hallpass-core-provider" */ "./provider-wasm.js")),
  fromScript,
);

function inlined(load: () => Promise<typeof import("./wasm.js")>): Source {
  return fromWasm(async () => {
    const { instantiate, bytesOf, HEX } = await load();
    return { instantiate, module: await compileWasm(bytesOf(HEX, originals)) };
  });
}
