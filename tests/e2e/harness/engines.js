import * as chromium from "./engines/chromium.js";
import * as firefox from "./engines/firefox.js";
import * as webkit from "./engines/webkit.js";

/** How each engine is started. `start` resolves with `{ driver, call, stop, consoleLog }`. */
const ENGINES = { chromium, firefox, webkit };

/** The engines named in HALLPASS_BROWSERS, in that order; an unknown name is an error, never a skip. */
export function engineNames() {
  const names = (process.env.HALLPASS_BROWSERS ?? "chromium").split(",").map((name) => name.trim());
  for (const name of names) {
    if (!Object.hasOwn(ENGINES, name)) {
      throw new Error(`HALLPASS_BROWSERS: there is no engine ${JSON.stringify(name)}; known are ${Object.keys(ENGINES).join(", ")}`);
    }
  }
  return names;
}

/** Starts a browser with a fresh profile; Chromium with more flags, where there are some. */
export function startEngine(name, flags) {
  return ENGINES[name].start(flags);
}
