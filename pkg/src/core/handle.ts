import type { Core, Host } from "./contract.js";
import { AuthError } from "../error.js";
import { plainJson } from "../json.js";
import type { Loader } from "./loader.js";
import type { Settings } from "../options/options.js";
import { follow, ignore, Promise } from "../platform/originals.js";
import { report } from "../platform/page.js";

/** One session manager's way to its core: starts it, starts another where it breaks, lets go of it at the end. */
export interface CoreHandle {
  /** The core, once it runs: for calls that cannot wait. `undefined` before, and after the end. */
  readonly live: Core | undefined;
  /** What the live core says of credentials. It is asked once: each request needs to know. */
  readonly credentials: Core["credentials"];
  /** Why there is no core any more, or `undefined`. */
  readonly ended: AuthError | undefined;
  /**
   * The core, started on first use, and again after it broke. A load that failed is tried again by the next call.
   * @throws AuthError `core_unavailable` | `core_failed` | `closed`
   */
  start(): Promise<Core>;
  /**
   * What `call` gives. Where the core has yet to start, it is called before the store is read: what comes of it is
   * in the first session.
   */
  first<T>(call: (core: Core) => Promise<T>): Promise<T>;
  /** What `call` gives. Everything that goes wrong in it comes out as an AuthError. */
  run<T>(call: () => T): T;
  /** The same for a promise of the core. */
  settle<T>(promise: Promise<T>): Promise<T>;
  close(): void;
}

/** A core that breaks this often within a minute is not started again: what it reads back may be what breaks it. */
const MAX_RESTARTS = 3;
const MINUTE = 60_000;

/** `isSignedIn`: what the application was shown last. `onEnd` is called where the core breaks for good. */
export function createCoreHandle(
  loader: Loader,
  settings: Settings,
  onChange: Host["onChange"],
  isSignedIn: () => boolean,
  onEnd: (reason: AuthError) => void,
): CoreHandle {
  let core: Core | undefined;
  let answered: { readonly by: Core; readonly credentials: Core["credentials"] } | undefined;
  let broken: AbortController | undefined;
  let starting: Promise<Core> | undefined;
  let ended: AuthError | undefined;
  let forgetLoader: (() => void) | undefined;
  let failures: number[] = [];
  /** Calls for the next core, before it starts. */
  const ahead = new Set<(core: Core) => void>();
  /** Reject the calls that wait for the core: a broken one never answers. */
  const waiting = new Set<(reason: AuthError) => void>();

  function start(): Promise<Core> {
    if (ended !== undefined) return Promise.reject(ended);
    return (starting ??= startNow());
  }

  async function startNow(): Promise<Core> {
    let module;
    try {
      module = await loader.load();
    } catch (error) {
      starting = undefined;
      throw error;
    }
    if (ended !== undefined) throw ended;
    forgetLoader ??= loader.whenBroken(onBroken);
    const { functions, fetch } = settings;
    broken = new AbortController();
    const host: Host = { ...functions, fetch, broken: broken.signal, onChange };
    try {
      const made = (core = new module.Core(plainJson(settings.core), host));
      for (const call of ahead) call(made);
      made.start(isSignedIn());
    } catch (error) {
      if (!(error instanceof AuthError)) {
        starting = undefined;
        throw fromCore(error);
      }
      // This browser lacks what the core cannot do without: no later call can change that.
      throw end(error);
    }
    return core;
  }

  /** The core is gone, its record is not: another one starts from there. */
  function onBroken(cause: unknown): void {
    const now = Date.now();
    failures = [...failures.filter((at) => now - at < MINUTE), now];
    const hasGivenUp = failures.length >= MAX_RESTARTS;
    const message = hasGivenUp ? "The core failed again and again: reload the page, and please report it." : undefined;
    const failed = new AuthError("core_failed", message, { cause, retryable: !hasGivenUp });
    broken?.abort();
    core = undefined;
    starting = undefined;
    if (hasGivenUp) onEnd(end(failed));
    else void follow(start(), ignore, ignore); // the next call hears of it
    for (const reject of waiting) reject(failed);
    waiting.clear();
    report(failed);
  }

  function fromCore(error: unknown): AuthError {
    return error instanceof AuthError ? error : new AuthError("core_failed", undefined, { cause: error, retryable: true });
  }

  function run<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw fromCore(error);
    }
  }

  function settle<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      waiting.add(reject);
      void follow(
        promise,
        (value) => {
          waiting.delete(reject);
          resolve(value);
        },
        (error: unknown) => {
          waiting.delete(reject);
          reject(fromCore(error));
        },
      );
    });
  }

  function first<T>(call: (core: Core) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const now = (core: Core): void => {
        if (!ahead.delete(now)) return;
        try {
          resolve(settle(run(() => call(core))));
        } catch (error) {
          reject(fromCore(error));
        }
      };
      ahead.add(now);
      void follow(start(), now, (error: unknown) => {
        ahead.delete(now);
        reject(fromCore(error));
      });
    });
  }

  function end(reason: AuthError): AuthError {
    core = undefined;
    forgetLoader?.();
    return (ended ??= reason);
  }

  return {
    get live() {
      return core;
    },
    get credentials() {
      if (core !== undefined && answered?.by !== core) answered = { by: core, credentials: core.credentials };
      return core && answered?.credentials;
    },
    get ended() {
      return ended;
    },
    start,
    first,
    run,
    settle,
    close() {
      const closing = core;
      ended = undefined;
      end(new AuthError("closed"));
      try {
        // Not freed by hand: a call that is still under way keeps a borrow of it.
        closing?.close();
      } catch {
        // It is over either way.
      }
    },
  };
}
