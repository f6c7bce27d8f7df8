import type { Form, Instantiate } from "./module.js";
import type { CoreModule } from "./contract.js";
import { makeError } from "../error.js";
import { parseFrozen } from "../json.js";
import type { Source } from "./loader.js";
import { originals } from "./originals.js";

/** The core as WebAssembly, and the JavaScript half that goes with it. */
export interface CompiledCore {
  readonly instantiate: Instantiate;
  readonly module: WebAssembly.Module;
}

/** The core as WebAssembly. What `compile` gives is kept: a core that has to start again needs no second download. */
export function fromWasm(compile: () => Promise<CompiledCore>): Source {
  let compiled: CompiledCore | undefined;
  return async (onBroken) => {
    const { instantiate: run, exportsOf } = originals;
    // Asked first: where it is missing, the text of the core need not be loaded either.
    if (run === undefined) throw new TypeError("This runtime has no WebAssembly.");
    const { instantiate, module } = (compiled ??= await compile());
    return start(instantiate, async (imports) => exportsOf(await run(module, imports)), onBroken);
  };
}

/** The core as JavaScript. A file of its own, asked for only where this is called. */
export const fromScript: Source = async (onBroken) => {
  const { instantiate, runScript } = await import(/* webpackChunkName: "hallpass-core-script" */ "./script.js");
  return start(instantiate, (imports, grown) => runScript({ ...imports, grown } as never, originals), onBroken);
};

async function start(instantiate: Instantiate, form: Form, onBroken: (cause: unknown) => void): Promise<CoreModule> {
  const core = await instantiate(form, originals, onBroken);
  core.install(makeError, parseFrozen);
  return core;
}

/** `WebAssembly.compile`, as it was. */
export function compileWasm(bytes: BufferSource): Promise<WebAssembly.Module> {
  return (originals.compile ?? noWasm)(bytes);
}

function noWasm(): never {
  throw new TypeError("This runtime has no WebAssembly.");
}
