import { report } from "./platform/builtins.js";

/** Subscribers of one kind, called in the order in which they came. */
export interface Listeners<Args extends unknown[]> {
  /** The same function may be added twice. Returns what ends this subscription. */
  add(listener: (...args: Args) => unknown): () => void;
  /**
   * Calls all of them. A listener that is added meanwhile is not called for this one, one that is removed meanwhile
   * is not called any more. A call from inside a listener waits until this one is through.
   */
  emit(...args: Args): void;
  /** Ends all subscriptions, calls still waiting included. */
  clear(): void;
}

export function createListeners<Args extends unknown[]>(): Listeners<Args> {
  interface Entry {
    listener: ((...args: Args) => unknown) | undefined;
  }
  let entries: readonly Entry[] = [];
  let queue: Args[] = [];
  let emitting = false;

  return {
    add(listener) {
      const entry: Entry = { listener };
      entries = [...entries, entry];
      return () => {
        entry.listener = undefined;
        entries = entries.filter((other) => other !== entry);
      };
    },

    emit(...args) {
      queue.push(args);
      if (emitting) return;
      emitting = true;
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        for (const entry of entries) {
          if (entry.listener !== undefined) callReporting(entry.listener, next);
        }
      }
      emitting = false;
    },

    clear() {
      for (const entry of entries) entry.listener = undefined;
      entries = [];
      queue = [];
    },
  };
}

/** Calls `listener`; what it throws, or what its promise rejects with, is reported and stops no other. */
function callReporting<Args extends unknown[]>(listener: (...args: Args) => unknown, args: Args): void {
  try {
    const result = listener(...args);
    if (isThenable(result)) result.then(undefined, report);
  } catch (error) {
    report(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
