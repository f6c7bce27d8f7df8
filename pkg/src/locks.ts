/**
 * Web Locks, with a bounded wait. Nothing is ever stolen: a stolen lock's holder keeps running, so stealing only adds
 * a second one. Nor is it asked `ifAvailable`: a page in the back/forward cache may still hold its locks, and only a
 * queued request makes the browser give that page up.
 *
 * A request that is refused is made again: that it failed does not mean that there are no locks, and to go on without
 * one would spend a refresh token twice.
 */

/** Who has not got the lock by then looks for the first time who has it. */
const FIRST_LOOK_MILLIS = 100;
/**
 * Pauses before a request that was refused is made again. Chromium refuses where the grant arrives while the page is
 * inside `window.open` ("callback is no longer runnable"): that is mostly over when the page hears of it, on a busy
 * machine within a second. All of them together are two seconds, for a browser that refuses for ever.
 */
const PAUSES_MILLIS = [0, 20, 80, 200, 500, 1_200];

/** What gives the lock back; `true` where another page holds it; `false` where there are no locks. */
type Outcome = (() => void) | boolean;

/** The locks of one core. */
export interface Locks {
  /**
   * Waits for a lock as long as the line moves: until another page holds it for so many milliseconds on end.
   *
   * @returns what gives the lock back; `true` where it could not be had: another page may hold it; `false` where there
   * are no locks
   */
  readonly acquire: (name: string, longestHoldMillis: number) => Promise<Outcome>;
  /** Gives all of them back, also those that are still to come: the core broke. */
  giveBack(): void;
}

export function createLocks(): Locks {
  const held = new Set<() => void>();
  let isOver = false;

  return {
    async acquire(name, longestHoldMillis) {
      const locks = lockManager();
      if (!locks) return false;
      const controller = new AbortController();
      let isSettled = false;
      let settle: (outcome: Outcome) => void = () => undefined;
      const outcome = new Promise<Outcome>((resolve) => {
        settle = (value) => {
          isSettled = true;
          resolve(value);
        };
      });
      const hold = async (): Promise<void> => {
        // It comes too late: no attempt waits for it any more, and none would give it back.
        if (isSettled) return;
        await new Promise<void>((resolve) => {
          const release = (): void => {
            held.delete(release);
            resolve();
          };
          held.add(release);
          settle(release);
          if (isOver) release();
        });
      };
      void request(locks, name, controller.signal, hold, () => isSettled).then(settle);
      if (await timedOut(locks, name, longestHoldMillis, outcome)) {
        // Neither changes anything where the lock has become ours meanwhile.
        controller.abort();
        settle(true);
      }
      return outcome;
    },
    giveBack() {
      isOver = true;
      for (const release of held) release();
    },
  };
}

function lockManager(): LockManager | undefined {
  try {
    const { locks } = navigator;
    return typeof locks.request === "function" ? locks : undefined;
  } catch {
    return undefined;
  }
}

/** Asks until the lock was had, or the wait for it is over; says why it was not had. */
async function request(locks: LockManager, name: string, signal: AbortSignal, hold: () => Promise<void>, isOver: () => boolean): Promise<boolean> {
  for (const millis of [undefined, ...PAUSES_MILLIS]) {
    if (millis) await new Promise((resolve) => setTimeout(resolve, millis));
    if (isOver()) break;
    try {
      await locks.request(name, { signal }, hold);
      break;
    } catch (error) {
      if (isForbidden(error)) return false;
      if (isOver()) break;
    }
  }
  return true;
}

/** Locks belong to an origin: who has none, a sandboxed frame for one, or may store nothing, has no locks. */
function isForbidden(error: unknown): boolean {
  return error instanceof Error && error.name === "SecurityError";
}

/** Waits until `outcome` is settled (false), or one page has held the lock for too long (true). */
async function timedOut(locks: LockManager, name: string, longestHoldMillis: number, outcome: Promise<unknown>): Promise<boolean> {
  let before: string | undefined;
  let hasLooked = false;
  while (await isOpenAfter(hasLooked ? longestHoldMillis : FIRST_LOOK_MILLIS, outcome)) {
    const holder = await holderOf(locks, name);
    if (hasLooked && holder === before) return true;
    before = holder;
    hasLooked = true;
  }
  return false;
}

function isOpenAfter(millis: number, promise: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, millis, true);
    void promise.then(() => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

/** Which page holds it, where that can be known. */
async function holderOf(locks: LockManager, name: string): Promise<string | undefined> {
  try {
    const query = locks.query();
    if (await isOpenAfter(FIRST_LOOK_MILLIS, query.catch(() => undefined))) return undefined;
    const { held } = await query;
    return held?.find((lock) => lock.name === name)?.clientId;
  } catch {
    return undefined;
  }
}
