/**
 * Runs in the page before every other script: counts what a session manager keeps alive, on `window.alive`. Everything
 * is passed through.
 */
export const COUNT_ALIVE = `(() => {
  const timers = new Set();
  const { setTimeout, clearTimeout, BroadcastChannel } = window;
  window.setTimeout = (run, ms, ...args) => {
    const id = setTimeout(() => { timers.delete(id); run(...args); }, ms);
    if (ms >= 500) timers.add(id);
    return id;
  };
  window.clearTimeout = (id) => { timers.delete(id); clearTimeout(id); };

  let listeners = 0;
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (type, ...rest) {
    if (type === "pageshow") listeners++;
    return addEventListener.call(this, type, ...rest);
  };
  EventTarget.prototype.removeEventListener = function (type, ...rest) {
    if (type === "pageshow") listeners--;
    return removeEventListener.call(this, type, ...rest);
  };

  let channels = 0;
  window.BroadcastChannel = class extends BroadcastChannel {
    constructor(name) { super(name); channels++; }
    close() { channels--; super.close(); }
  };
  Object.defineProperty(window, "alive", { get: () => ({ timers: timers.size, listeners, channels }) });
})();`;
