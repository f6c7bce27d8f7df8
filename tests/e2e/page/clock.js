/*
 * Runs inside the page, before the app: `window.e2eClock` steps and stops the page's clocks.
 *
 * What it is honest about: scripts see Date, performance.now() and timers exactly as after a sleep or a step of the
 * clock. What it cannot stop is the browser itself: network, storage, locks and other tabs go on meanwhile. So a
 * sleep takes no time here: nothing of the page runs between its beginning and its end.
 */
(() => {
  "use strict";
  const RealDate = Date;
  const realNow = performance.now.bind(performance);
  const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = window;

  /** WebKit's driver keeps the script timeout that World.start sets by a timer in the page: it is none of the app's. */
  const SCRIPT_TIMEOUT = 120_000;

  /** Milliseconds that each clock is ahead of the real one. */
  let wall = 0;
  let monotonic = 0;
  /** Timers that have not fired: id → { current, due, call }; `current` is the browser's own id since the last sleep. */
  const timers = new Map();

  const now = () => RealDate.now() + wall;

  window.Date = class Date extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(now());
      else super(...args);
    }
    static now() {
      return now();
    }
  };
  performance.now = () => realNow() + monotonic;

  window.setTimeout = (handler, delay = 0, ...args) => {
    if (delay === SCRIPT_TIMEOUT) return realSetTimeout(handler, delay, ...args);
    const call = () => {
      timers.delete(id);
      handler(...args);
    };
    const id = realSetTimeout(call, delay);
    timers.set(id, { current: id, due: performance.now() + delay, call });
    return id;
  };
  window.clearTimeout = (id) => {
    const timer = timers.get(id);
    timers.delete(id);
    realClearTimeout(timer === undefined ? id : timer.current);
  };

  window.e2eClock = {
    /** The user, or a time server, sets the wall clock. */
    step(milliseconds) {
      wall += milliseconds;
    },
    /**
     * The machine sleeps. On some systems the monotonic clock stands still meanwhile, and timers keep what was left
     * of them; on others it runs on, and timers that fell due fire one after the other at the wake.
     */
    sleep(milliseconds, { isCounted }) {
      wall += milliseconds;
      if (!isCounted) return;
      monotonic += milliseconds;
      for (const timer of timers.values()) {
        realClearTimeout(timer.current);
        timer.current = realSetTimeout(timer.call, Math.max(0, timer.due - performance.now()));
      }
    },
    /** Timers that have not fired. */
    pending: () => timers.size,
    now,
  };
})();
