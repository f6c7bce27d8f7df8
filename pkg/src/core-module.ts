import { createGlue } from "../generated/glue.js";
import type { CoreModule } from "./core.js";
import type { Exports, Imports } from "./glue.js";

/** A form of the core, WebAssembly or JavaScript: makes an instance. `grown` wants to hear when its memory has moved. */
export type Form = (imports: Imports, grown: () => void) => Exports | Promise<Exports>;

/**
 * One instance of the core. The only file that names wasm-bindgen's glue; it becomes a file of its own, `core.js`.
 *
 * Whatever a call into the core throws by itself (errors are answers, the glue throws them later) has unwound
 * frames that are not cleaned up: a trap, a full stack, memory that cannot be had. The instance is not asked
 * again: calls throw, its timers and listeners do nothing, and `onBroken` hears of it once, from a microtask.
 */
export async function instantiate(form: Form, onBroken: (cause: unknown) => void): Promise<CoreModule> {
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

  const glue = createGlue(call);
  const imports: Imports = {};
  for (const [module, functions] of Object.entries(glue.imports)) imports[module] = mapped(functions, (_, run) => outward(run));
  const exports = await form(imports, () => {
    glue.grown();
  });
  glue.start(
    mapped(exports, (name, value) => (typeof value === "function" ? guarded(name, value as () => unknown) : value)),
  );
  return glue.core as CoreModule;
}

function mapped<T, U>(object: Readonly<Record<string, T>>, change: (name: string, value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(name, value)]));
}

/** An error of the platform's own says what happened. Any other's text comes out of memory that may be in any state: tokens are there, too. */
function harmless(error: unknown): unknown {
  const isOfPlatform = error instanceof Error && error.constructor !== Error;
  return isOfPlatform ? error : new Error("The core stopped.");
}
