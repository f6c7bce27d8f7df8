/** The servers' clock. It steps ahead where the scenarios say that time has passed; timers of this process do not. */

const real = Date.now;
let ahead = 0;

Date.now = () => real() + ahead;

export const clock = {
  step(seconds) {
    ahead += seconds * 1000;
  },
  /** Milliseconds that it is ahead of the browser's. */
  get ahead() {
    return ahead;
  },
};
