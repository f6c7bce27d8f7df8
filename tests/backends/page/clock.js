/*
 * Runs inside the page, before the application: `window.clock` stops and starts the clocks that scripts see. A page whose
 * clock stands still takes a token for good that has expired at the server: its 401 is a real one.
 */
(() => {
  "use strict";
  const RealDate = Date;
  const realNow = performance.now.bind(performance);
  const realSetTimeout = window.setTimeout.bind(window);

  /** Real milliseconds that went by while the clock stood still, and since when it does. */
  let lost = 0;
  let stoppedAt;
  /** Timers that fell due meanwhile. */
  const held = [];

  const passed = () => lost + (stoppedAt === undefined ? 0 : realNow() - stoppedAt);
  window.Date = class Date extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(RealDate.now() - passed());
      else super(...args);
    }
    static now() {
      return Math.round(RealDate.now() - passed());
    }
  };
  performance.now = () => realNow() - passed();
  window.setTimeout = (handler, delay, ...args) =>
    realSetTimeout(() => {
      if (stoppedAt !== undefined && delay > 0) held.push(() => handler(...args));
      else handler(...args);
    }, delay);

  window.clock = {
    stop() {
      stoppedAt = realNow();
    },
    start() {
      lost = passed();
      stoppedAt = undefined;
      for (const run of held.splice(0)) run();
    },
  };
})();
