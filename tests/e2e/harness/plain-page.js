import { By } from "selenium-webdriver";
import { DemoPage } from "./demo-page.js";
import { refreshLocks } from "./refresh-locks.js";
import { until } from "./until.js";

/** Where the page stands on the app's origin. */
export const PLAIN = "/e2e-plain.html";

/**
 * A tab of the app's origin with the package and nothing else, against the reference server: for tests that need many
 * tabs, or options that the demo does not have. `window.hallpassDemo.auth` is its session manager.
 */
export class PlainPage extends DemoPage {
  /**
   * @param {object} [options] for createAuth, in JSON; what they leave out is as in the demo, see `optionsFor`
   * @param {string[]} [without] names of what this browser shall not have: "locks", "BroadcastChannel", "WebAssembly"
   * @param {{ policy?: string, watch?: "memory", entry?: "slim" }} [more] a Content-Security-Policy beside the server's; see page/plain.js
   */
  async open(options, without, more) {
    await this.goto(this.address(options, without, more));
    await this.ready();
    return this;
  }

  address(options = {}, without = [], more = {}) {
    const url = new URL(PLAIN, this.world.server.app);
    url.searchParams.set("options", JSON.stringify(optionsFor(this.world.server.api, options)));
    url.searchParams.set("without", without.join());
    for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
    return url.href;
  }

  async ready() {
    await this.until("the page knows its session", () => {
      const status = window.hallpassDemo?.auth.session.status;
      return status === "signed-in" || status === "signed-out";
    });
  }

  /** Starts a refresh and does not wait for it; `refreshed()` tells how it went. */
  startRefresh() {
    return this.run(() => {
      window.refreshing = window.hallpassDemo.auth.refresh().then(
        (session) => session.claims.sub,
        (error) => error.code,
      );
    });
  }

  /** The user's name in the tokens that came, or the code of the error. */
  refreshed() {
    return this.run(() => window.refreshing);
  }

  /** Leaves no room in localStorage, to the last character: halves until not even one fits. */
  fillStorage() {
    return this.run(() => {
      for (let size = 2 ** 23; size >= 1; ) {
        try {
          localStorage.setItem(`filler-${localStorage.length}`, "x".repeat(size));
        } catch {
          size = Math.floor(size / 2);
        }
      }
    });
  }

  makeRoomInStorage() {
    return this.run(() => {
      for (const key of Object.keys(localStorage).filter((key) => key.startsWith("filler-"))) localStorage.removeItem(key);
    });
  }

  /** How many tabs hold the refresh lock (one at most), and how many wait for it. */
  locks() {
    return refreshLocks(this);
  }

  /** Waits until so many tabs wait for the refresh lock. */
  async untilWaiting(count = 1) {
    await until(`${count} wait for the lock`, async () => (await this.locks()).pending >= count);
  }

  /** Chromium alone: "frozen", so that no script of the page runs, or "active" again. */
  async lifecycle(state) {
    await this.front();
    await this.driver.sendDevToolsCommand("Page.setWebLifecycleState", { state });
  }

  /** Ends the tab without a word: in Chromium its process crashes, elsewhere its window goes. */
  async kill() {
    await this.front();
    if (this.world.engine === "chromium") await this.driver.sendDevToolsCommand("Page.crash", {}).catch(() => undefined);
    await this.driver.close();
  }

  /** Another tab on the same address, opened by a script of this one: it begins with a copy of the sessionStorage. */
  async duplicate() {
    const { driver } = this;
    const before = await driver.getAllWindowHandles();
    await this.run(() => {
      const button = Object.assign(document.createElement("button"), { id: "duplicate", textContent: "duplicate" });
      button.onclick = () => {
        button.remove();
        window.open(location.href);
      };
      document.body.append(button);
    });
    await this.front();
    // Only a click may open a window: WebKit asks for one.
    await driver.findElement(By.id("duplicate")).click();
    const handle = await until("the copy is there", async () => (await driver.getAllWindowHandles()).find((one) => !before.includes(one)));
    const copy = new PlainPage(this.world, handle);
    await copy.ready();
    return copy;
  }
}

function optionsFor(api, { refreshToken = "body", timeoutSeconds = 10, ...options }) {
  const csrf = refreshToken === "cookie" ? { csrf: { cookie: "__Host-Csrf", header: "X-CSRF-Token" } } : {};
  return {
    origins: [api],
    signIn: `${api}/auth`,
    refresh: { url: `${api}/token`, refreshToken, timeoutSeconds, ...csrf },
    signOut: { url: `${api}/token/reject`, bearer: true, ...csrf },
    fingerprint: { mode: "server" },
    ...options,
  };
}
