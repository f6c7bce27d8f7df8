import { Page } from "./page.js";

/** A tab with a page of the harness server: the package, axios, and nothing else. */
export class PackagePage extends Page {
  constructor(browser, handle, origin) {
    super(browser, handle);
    this.origin = origin;
  }

  /**
   * Loads the page and creates an `Auth` with `options` (JSON), as `window.auth`.
   * `refine`, run in the page, adds what JSON cannot hold: `(options) => options`.
   */
  async open(options, refine = (given) => given) {
    await this.goto(`${this.origin}/`);
    await this.until("the package is loaded", () => window.hallpass !== undefined && window.axios !== undefined);
    await this.run(
      `async (options) => {
        const auth = window.hallpass.createAuth((${refine})(options));
        window.auth = window.e2e.watch(auth);
        window.client = window.axios.create();
        window.attachAxios(window.client, auth);
        await auth.ready;
      }`,
      options,
    );
    return this;
  }

  session() {
    return this.run(() => window.auth.session);
  }

  /** Starts a session with the tokens of an endpoint's answer. */
  accept({ access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn }) {
    return this.run((tokens) => window.auth.accept(tokens), { accessToken, refreshToken, expiresIn });
  }

  async change(type, { nth = 1 } = {}) {
    return this.until(`change ${type} (${nth})`, (wanted, n) => window.e2e.changes.filter((one) => one.type === wanted)[n - 1], type, nth);
  }
}
