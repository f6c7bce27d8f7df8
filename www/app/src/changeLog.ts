import type { Auth, Change } from "hallpass";

/** A change of the session and when this page heard of it. */
export interface LoggedChange {
  readonly id: number;
  readonly at: number;
  readonly change: Change;
}

const LONGEST = 200;

let log: readonly LoggedChange[] = [];
let count = 0;
const listeners = new Set<() => void>();

/** Keeps every change of `auth`, newest first, whichever page is on show. */
export function recordChanges<C extends object>(auth: Auth<C>): void {
  auth.subscribe((_session, change) => {
    count += 1;
    log = [{ id: count, at: Date.now(), change }, ...log].slice(0, LONGEST);
    for (const listener of listeners) listener();
  });
}

/** The log: the same array until something is added. */
export function loggedChanges(): readonly LoggedChange[] {
  return log;
}

/** Calls `listener` after the log grew. Returns the function that ends it. */
export function onLoggedChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
