import assert from "node:assert/strict";
import { until } from "../../e2e/harness/until.js";

/** The application of a project, in a browser: read and clicked as a user would. */
export class AppPage {
  #browser;
  #origin;

  constructor(browser, origin) {
    this.#browser = browser;
    this.#origin = origin;
  }

  get driver() {
    return this.#browser.driver;
  }

  /** Runs `source` before every script of the pages opened from now on. */
  async before(source) {
    await this.driver.sendAndGetDevToolsCommand("Page.addScriptToEvaluateOnNewDocument", { source });
  }

  open(path = "/") {
    return this.driver.get(`${this.#origin}${path}`);
  }

  /** What the element shows; "" where it is not there. */
  text(id) {
    return this.driver.executeScript((name) => document.getElementById(name)?.textContent ?? "", id);
  }

  click(id) {
    return this.driver.executeScript((name) => document.getElementById(name).click(), id);
  }

  async shows(id, expected) {
    let last;
    await until(`#${id} shows ${expected}`, async () => (last = await this.text(id)).includes(expected)).catch(async (error) => {
      error.message += `; it shows ${JSON.stringify(last)}\n${(await this.#browser.consoleLog()).join("\n")}`;
      throw error;
    });
  }

  /** Sign-in to sign-out, with a reload; `waits` lets the token be renewed in time instead of by a click. */
  async liveThrough({ waits }) {
    await this.shows("status", "signed-out");
    await this.click("sign-in");
    await this.#goOn({ waits });
  }

  /** The same in a page that is loaded anew: at a provider on another origin, there by redirect and back. */
  async liveAtProvider(issuer) {
    await this.before(`globalThis.ISSUER = ${JSON.stringify(issuer)};`);
    await this.open();
    await this.shows("status", "signed-out");
    await this.click("sign-in");
    await until("the provider asks who it is", () =>
      this.driver.executeScript((api) => location.origin === api && document.querySelector("form") !== null, new URL(issuer).origin),
    );
    await this.driver.executeScript((username, password) => {
      const form = document.querySelector("form");
      form.elements.namedItem("username").value = username;
      form.elements.namedItem("password").value = password;
      form.requestSubmit();
    }, "demo", "correct horse battery staple");
    await this.#goOn({ waits: false });
  }

  async #goOn({ waits }) {
    await this.shows("status", "signed-in");
    await this.click("who");
    await this.shows("name", "demo");
    if (!waits) await this.click("refresh");
    await this.shows("changes", "refreshed");
    await this.driver.navigate().refresh();
    await this.shows("status", "signed-in");
    await this.click("who");
    await this.shows("name", "demo");
    await this.click("sign-out");
    await this.shows("status", "signed-out");
  }

  /** Nothing in the console that a user's developer would have to explain. */
  async isQuiet() {
    const log = (await this.#browser.consoleLog()).filter((line) => !HARMLESS.some((known) => known.test(line)));
    assert.deepEqual(log, []);
  }
}

/** What the development servers and frameworks say about themselves. */
const HARMLESS = [/\[vite\] connect(ing|ed)/, /hot updated: /, /Download the React DevTools/, /Angular is running in development mode/];

/** What the server has to have seen of one such life. */
export async function assertLife(proxy, { lives = 1 } = {}) {
  // Sign-out is local first: the page shows it before the server has answered.
  await until("every answer is there", () => proxy.callsTo("/token/reject").length >= lives && proxy.calls.every(({ status }) => status !== null));
  const seen = (path) => proxy.callsTo(path);
  assert.deepEqual(seen("/auth").map(({ status }) => status), Array(lives).fill(200));
  assert.ok(seen("/token").length >= lives, "no refresh");
  assert.ok(seen("/token").every(({ status }) => status === 200), JSON.stringify(seen("/token")));
  assert.ok(seen("/me").length >= 2 * lives);
  assert.ok(seen("/me").every(({ status, isAuthorized }) => status === 200 && isAuthorized), JSON.stringify(seen("/me")));
  assert.deepEqual(seen("/token/reject").map(({ status }) => status), Array(lives).fill(204));
}
