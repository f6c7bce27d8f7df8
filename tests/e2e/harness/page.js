import { until } from "./until.js";

/** One tab. Every operation brings its tab to the front first, so tests with several read like tests with one. */
export class Page {
  /**
   * @param {{ driver: import("selenium-webdriver").WebDriver }} browser from startEngine()
   * @param {string} handle of its window
   */
  constructor(browser, handle) {
    this.browser = browser;
    this.driver = browser.driver;
    this.handle = handle;
  }

  async front() {
    await this.driver.switchTo().window(this.handle);
  }

  async goto(url) {
    await this.front();
    await this.driver.get(url);
  }

  async reload() {
    await this.front();
    await this.driver.navigate().refresh();
  }

  async url() {
    await this.front();
    return this.driver.getCurrentUrl();
  }

  /**
   * Runs `body` inside the page with JSON arguments and resolves with its JSON result. What it throws comes out as a
   * `PageError`, and is looked through for secrets like everything that a page could log.
   */
  async run(body, ...args) {
    const answer = await this.browser.call(
      this.handle,
      `async (args) => {
        const body = ${body};
        try {
          return JSON.stringify({ value: await body(...JSON.parse(args)) });
        } catch (error) {
          const described = window.e2e?.describe(error) ?? { message: String(error) };
          window.e2e?.observe("thrown", JSON.stringify(described));
          return JSON.stringify({ error: described });
        }
      }`,
      JSON.stringify(args),
    );
    const { value, error } = JSON.parse(answer);
    if (error !== undefined) throw new PageError(error);
    return value;
  }

  /** Starts `body` inside the page and does not wait for it: for what leaves the page, or lasts. */
  async fire(body, ...args) {
    await this.run(`(...args) => { setTimeout(() => { Promise.resolve((${body})(...args)).catch(() => undefined); }, 0); }`, ...args);
  }

  /** Waits until `body`, asked inside the page again and again, gives something truthy. */
  async until(what, body, ...args) {
    return until(what, () => this.run(body, ...args));
  }

  /**
   * Waits until the page has nothing to do any more that it could do at once: what was settled has been heard by
   * everybody, and what shall not happen because of it has not happened.
   */
  async settled() {
    await this.run(() => new Promise((resolve) => setTimeout(resolve, 0)));
  }

  /** Waits until every request to `url` by fetch is answered or given up, and the page has made of that what it will. */
  async quiet(url) {
    await this.until(`nothing is under way to ${url}`, (url) => window.e2e.sent.every((one) => one.url !== url || one.isOver), url);
    await this.settled();
  }

  /** Runs `body` and resolves with the error it throws, as the page's script could see it. */
  async errorOf(body, ...args) {
    const outcome = await this.run(body, ...args).then(
      (value) => ({ value }),
      (error) => ({ error }),
    );
    if (outcome.error instanceof PageError) return outcome.error.described;
    if (outcome.error) throw outcome.error;
    throw new Error(`expected an error, got ${JSON.stringify(outcome.value)}`);
  }

  /** Everything a script of this origin could have left behind (see page/hooks.js). */
  stores() {
    return this.run(() => window.e2e.stores());
  }

  /** The session's changes since the page was loaded, oldest first. */
  changes() {
    return this.run(() => window.e2e.changes);
  }

  async close() {
    await this.front();
    await this.driver.close();
  }
}

/** Something thrown inside a page. */
export class PageError extends Error {
  constructor(described) {
    super(`in the page: ${described.code ?? described.name ?? ""} ${described.message ?? described.value}\n${described.stack ?? ""}`);
    this.described = described;
  }
}
