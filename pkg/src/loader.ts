import type { CoreModule } from "./core.js";
import { AuthError } from "./error.js";

/** Where the core comes from, once for all session managers of this module. */
export interface Loader {
  /** The core, loaded on first use. A failure is forgotten, so that the next call tries again. */
  load(): Promise<CoreModule>;
  /** The core, if it is there. */
  readonly loaded: CoreModule | undefined;
  /** Calls `listener` once, when the core has been loaded. */
  whenLoaded(listener: () => void): void;
}

/** `sources` are tried in this order: each gives the same core by another way. */
export function createLoader(sources: readonly (() => Promise<CoreModule>)[]): Loader {
  let loaded: CoreModule | undefined;
  let loading: Promise<CoreModule> | undefined;
  let waiting: (() => void)[] = [];

  async function loadNow(): Promise<CoreModule> {
    let cause: unknown;
    for (const source of sources) {
      try {
        loaded = await source();
      } catch (error) {
        cause = error;
        continue;
      }
      const listeners = waiting;
      waiting = [];
      for (const listener of listeners) listener();
      return loaded;
    }
    loading = undefined;
    throw new AuthError("core_unavailable", undefined, { cause });
  }

  return {
    load: () => (loading ??= loadNow()),
    get loaded() {
      return loaded;
    },
    whenLoaded(listener) {
      waiting.push(listener);
    },
  };
}
