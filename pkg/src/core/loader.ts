import type { CoreModule } from "./contract.js";
import { AuthError } from "../error.js";

/** A way to the core. `onBroken` is called once, if what it gave breaks. */
export type Source = (onBroken: (cause: unknown) => void) => Promise<CoreModule>;

/** Where a core comes from, once for all session managers of this module that use it. */
export interface Loader {
  /**
   * The core, loaded on first use, and again after it broke. A failure is forgotten, so that the next call
   * tries again.
   */
  load(): Promise<CoreModule>;
  /** The core, if it is there. */
  readonly loaded: CoreModule | undefined;
  /** Calls `listener` once, when the core has been loaded. */
  whenLoaded(listener: () => void): void;
  /** Calls `listener` whenever the core broke, until the returned function is called. */
  whenBroken(listener: (cause: unknown) => void): () => void;
}

/** The core without what only sign-in at a provider needs, and the core with it. */
export interface Cores {
  /** The way to a core that does. Once the one with a provider was asked for, it is used by all. */
  of(hasProvider: boolean): Loader;
  /** Either of them, if it is there. */
  readonly loaded: CoreModule | undefined;
}

/** The source of each; `instead`, for either, where that fails. */
export function createCores(plain: Source, provider: Source, instead: Source): Cores {
  const small = createLoader([plain, instead]);
  const large = createLoader([provider, instead]);
  let isLargeAsked = false;
  return {
    of(hasProvider) {
      isLargeAsked ||= hasProvider;
      return isLargeAsked ? large : small;
    },
    get loaded() {
      return small.loaded ?? large.loaded;
    },
  };
}

/** `sources` are tried in this order: each gives the same core by another way. */
export function createLoader(sources: readonly Source[]): Loader {
  let loaded: CoreModule | undefined;
  let loading: Promise<CoreModule> | undefined;
  let waiting: (() => void)[] = [];
  const users = new Set<{ readonly tell: (cause: unknown) => void }>();

  async function loadNow(): Promise<CoreModule> {
    let failure: { readonly cause: unknown } | undefined;
    for (const source of sources) {
      let core: CoreModule | undefined;
      try {
        core = await source((cause) => {
          if (core !== undefined && core === loaded) onBroken(cause);
        });
      } catch (cause) {
        failure ??= { cause };
        continue;
      }
      loaded = core;
      const listeners = waiting;
      waiting = [];
      for (const listener of listeners) listener();
      return core;
    }
    loading = undefined;
    throw new AuthError("core_unavailable", undefined, failure);
  }

  function load(): Promise<CoreModule> {
    return (loading ??= loadNow());
  }

  function onBroken(cause: unknown): void {
    loaded = undefined;
    loading = undefined;
    load().catch(() => undefined); // the call that needs it hears of it
    for (const { tell } of [...users]) tell(cause);
  }

  return {
    load,
    get loaded() {
      return loaded;
    },
    whenLoaded(listener) {
      waiting.push(listener);
    },
    whenBroken(tell) {
      const user = { tell };
      users.add(user);
      return () => {
        users.delete(user);
      };
    },
  };
}
