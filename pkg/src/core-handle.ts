import type { Core, Host } from "./core.js";
import { AuthError } from "./error.js";
import type { Loader } from "./loader.js";
import type { Settings } from "./options.js";

/** One session manager's way to its core: starts it once, notices when it breaks, lets go of it at the end. */
export interface CoreHandle {
  /** The core, once it runs: for calls that cannot wait. `undefined` before, and after the end. */
  readonly live: Core | undefined;
  /** Why there is no core any more, or `undefined`. */
  readonly ended: AuthError | undefined;
  /**
   * The core, started on first use. A load that failed is tried again by the next call.
   * @throws AuthError `core_unavailable` | `core_failed` | `closed` | `invalid_option`
   */
  start(): Promise<Core>;
  /** What `call` gives. Everything that goes wrong in it comes out as an AuthError. */
  run<T>(call: () => T): T;
  /** The same for a promise of the core. */
  settle<T>(promise: Promise<T>): Promise<T>;
  close(): void;
}

export function createCoreHandle(loader: Loader, settings: Settings, onChange: Host["onChange"]): CoreHandle {
  let core: Core | undefined;
  let starting: Promise<Core> | undefined;
  let ended: AuthError | undefined;

  async function startNow(): Promise<Core> {
    let module;
    try {
      module = await loader.load();
    } catch (error) {
      starting = undefined;
      throw error;
    }
    if (ended !== undefined) throw ended;
    const host: Host = { ...settings.functions, onChange };
    try {
      core = new module.Core(settings.core, host);
    } catch (error) {
      // Options that do not go together: no later call can change that.
      throw end(fromCore(error));
    }
    return core;
  }

  /** An error of the core as callers get it. After a trap, wasm memory may be in any state: nothing more is asked of it. */
  function fromCore(error: unknown): AuthError {
    if (error instanceof AuthError) return error;
    const failed = new AuthError("core_failed", undefined, { cause: error });
    // The place for a restart from the stored session: the core that trapped is gone, its record is not.
    return isTrap(error) ? end(failed) : failed;
  }

  function end(reason: AuthError): AuthError {
    core = undefined;
    return (ended ??= reason);
  }

  return {
    get live() {
      return core;
    },
    get ended() {
      return ended;
    },
    start() {
      if (ended !== undefined) return Promise.reject(ended);
      return (starting ??= startNow());
    },
    run(call) {
      try {
        return call();
      } catch (error) {
        throw fromCore(error);
      }
    },
    async settle(promise) {
      try {
        return await promise;
      } catch (error) {
        throw fromCore(error);
      }
    },
    close() {
      const closing = core;
      core = undefined;
      ended = new AuthError("closed");
      try {
        // Not freed by hand: a call that is still under way keeps a borrow of it.
        closing?.close();
      } catch {
        // It is over either way.
      }
    },
  };
}

/** Whether the wasm instance itself broke: trapped, ran out of stack, or was left borrowed by an earlier trap. */
function isTrap(error: unknown): boolean {
  if (typeof WebAssembly === "object" && error instanceof WebAssembly.RuntimeError) return true;
  if (error instanceof RangeError) return true;
  return error instanceof Error && /recursive use of an object|null pointer passed to rust/.test(error.message);
}
