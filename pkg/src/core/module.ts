import { createGlue } from "../../generated/glue.js";
import type { CoreModule } from "./contract.js";
import type { Exports, Imports } from "./glue.js";
import type { Originals } from "./originals.js";

/** A form of the core, WebAssembly or JavaScript: makes an instance. `grown` wants to hear when its memory has moved. */
export type Form = (imports: Imports, grown: () => void) => Exports | Promise<Exports>;

/**
 * One instance of the core. The only file that names wasm-bindgen's glue; it is a part of each of the core's modules,
 * which are loaded after the facade: of the platform's functions that could see a token it calls those that are given.
 *
 * Whatever a call into the core throws by itself (errors are answers, the glue throws them later) has unwound
 * frames that are not cleaned up: a trap, a full stack, memory that cannot be had. The instance is not asked
 * again: calls throw, its timers and listeners do nothing, and `onBroken` hears of it once, from a microtask.
 */
export async function instantiate(form: Form, original: Originals, onBroken: (cause: unknown) => void): Promise<CoreModule> {
  let broken: { readonly cause: unknown } | undefined;
  let isTold = false;
  /** Calls into the core that are under way. */
  let depth = 0;

  /** Where the stack is full it throws, and the next call tries again. */
  function tell(cause: unknown): void {
    if (isTold) return;
    queueMicrotask(() => {
      onBroken(cause);
    });
    isTold = true;
  }

  function guarded(name: string, run: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
    // The others are wasm-bindgen's own: their callers are the platform, or an outer call, which ends anyway.
    const isAsked = !name.startsWith("__");
    return (...args) => {
      if (broken === undefined) {
        depth++;
        try {
          return run(...args);
        } catch (error) {
          broken ??= { cause: harmless(error) };
        } finally {
          depth--;
        }
      }
      if (depth === 0) tell(broken.cause);
      if (isAsked) throw broken.cause;
      return 0;
    };
  }

  function call(run: () => unknown): unknown {
    if (broken !== undefined) return undefined;
    try {
      return run();
    } catch (error) {
      if (broken === undefined) throw error;
      return undefined;
    }
  }

  /** What the core calls. Where the core broke meanwhile, in a call from in there, the outer call must not go on. */
  function outward(run: (...args: never[]) => unknown): (...args: never[]) => unknown {
    return (...args) => {
      const given = run(...args);
      if (broken !== undefined) throw broken.cause;
      return given;
    };
  }

  function mapped<T, U>(object: Readonly<Record<string, T>>, change: (name: string, value: T) => U): Record<string, U> {
    const copy = original.create(null) as Record<string, U>;
    // `for … of` would read the names by an iterator of the page's.
    for (const name in object) if (original.hasOwn(object, name)) copy[name] = change(name, object[name] as T);
    return copy;
  }

  const glue = createGlue(call, original);
  const imports: Imports = mapped(glue.imports, (_, functions) => mapped(functions, (_, run) => outward(run)));
  const exports = await form(imports, () => {
    glue.grown();
  });
  glue.start(
    mapped(exports, (name, value) => (typeof value === "function" ? guarded(name, value as () => unknown) : value)),
  );
  return glue.core as CoreModule;
}

export type Instantiate = typeof instantiate;

/** An error of the platform's own says what happened. Any other's text comes out of memory that may be in any state: tokens are there, too. */
function harmless(error: unknown): unknown {
  const isOfPlatform = error instanceof Error && error.constructor !== Error;
  return isOfPlatform ? error : new Error("The core stopped.");
}
