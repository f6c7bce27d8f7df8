/**
 * Web Locks, with a bounded wait. Nothing is ever stolen: a stolen lock's holder keeps running, so stealing only adds
 * a second one. Nor is it asked `ifAvailable`: a page in the back/forward cache may still hold its locks, and only a
 * queued request makes the browser give that page up.
 */

/** Who has not got the lock by then looks for the first time who has it. */
const FIRST_LOOK_MILLIS = 100;

/** The locks of one core. */
export interface Locks {
  /**
   * Waits for a lock, at most so many milliseconds; `inLine`: as long as the line moves, until somebody holds it for so
   * many milliseconds on end.
   *
   * @returns what gives the lock back; `true` where somebody else holds it; `false` where there are no locks
   */
  readonly acquire: (name: string, millis: number, inLine: boolean) => Promise<(() => void) | boolean>;
  /** Gives all of them back, also those that are still to come: the core broke. */
  giveBack(): void;
}

export function createLocks(): Locks {
  const held = new Set<() => void>();
  let isOver = false;

  return {
    async acquire(name, millis, inLine) {
      const controller = new AbortController();
      let isLate = false;
      let settle: (outcome: (() => void) | boolean) => void = () => undefined;
      const outcome = new Promise<(() => void) | boolean>((resolve) => (settle = resolve));
      const hold = (): Promise<void> =>
        new Promise((resolve) => {
          const release = (): void => {
            held.delete(release);
            resolve();
          };
          held.add(release);
          settle(release);
          if (isOver) release();
        });
      try {
        const { locks } = navigator;
        Promise.resolve(locks.request(name, { signal: controller.signal }, hold)).catch(() => {
          settle(isLate);
        });
        isLate = await losesPatience(locks, name, millis, inLine, outcome);
      } catch {
        return false;
      }
      // Changes nothing where the lock has become ours meanwhile.
      if (isLate) controller.abort();
      return outcome;
    },
    giveBack() {
      isOver = true;
      for (const release of held) release();
    },
  };
}

/** Waits until `outcome` is settled, or patience ends. */
async function losesPatience(locks: LockManager, name: string, millis: number, inLine: boolean, outcome: Promise<unknown>): Promise<boolean> {
  let wait = inLine ? FIRST_LOOK_MILLIS : millis;
  let before: string | undefined;
  while (await isOpenAfter(wait, outcome)) {
    if (!inLine) return true;
    const holder = await holderOf(locks, name);
    if (wait === millis && holder === before) return true;
    before = holder;
    wait = millis;
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

/** Which page holds it. */
async function holderOf(locks: LockManager, name: string): Promise<string | undefined> {
  const { held } = await locks.query();
  return held?.find((lock) => lock.name === name)?.clientId;
}
