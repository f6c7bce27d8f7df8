import { type Form, instantiate } from "./core-module.js";
import type { CoreModule } from "./core.js";
import { makeError } from "./error.js";
import { parseFrozen } from "./json.js";
import type { Source } from "./loader.js";

/** The core as WebAssembly. What `compile` gives is kept: a core that has to start again needs no second download. */
export function fromWasm(compile: () => Promise<WebAssembly.Module>): Source {
  let compiled: WebAssembly.Module | undefined;
  return async (onBroken) => {
    const module = (compiled ??= await compile());
    return start(async (imports) => (await WebAssembly.instantiate(module, imports)).exports, onBroken);
  };
}

/** The core as JavaScript. A file of its own, asked for only where this is called. */
export const fromScript: Source = async (onBroken) => {
  const script = await import("./core-script.js");
  return start((imports, grown) => script.instantiate({ ...imports, grown } as never), onBroken);
};

async function start(form: Form, onBroken: (cause: unknown) => void): Promise<CoreModule> {
  const core = await instantiate(form, onBroken);
  core.install(makeError, parseFrozen);
  return core;
}
