import { By } from "selenium-webdriver";
import { Page } from "../page.js";
import { until } from "../until.js";
import { refreshLocks } from "../refresh-locks.js";

/** A tab with the application that signs in at a provider (page/oidc.js). `window.auth` is its session manager. */
export class OidcPage extends Page {
  /** @param {import("../world.js").World} world */
  constructor(world, handle, address) {
    super(world.browser, handle);
    Object.assign(this, { world, address });
  }

  /** Loads it, with `rest` of a URL, and waits until it knows its session. */
  async open(rest = "") {
    // Over another document: a URL that differs in its fragment only would not be loaded anew.
    if (rest.startsWith("#")) await this.goto("about:blank");
    await this.goto(this.address + rest);
    await this.ready();
    return this;
  }

  async reload() {
    await super.reload();
    await this.ready();
  }

  async ready() {
    await this.until("the page knows its session", () => window.isThere && window.auth.session.status !== "loading");
  }

  // ── sign-in ──

  /** Leaves for the provider. Resolves when the page is not this one any more. */
  async leave(request = {}) {
    await this.run(() => (window.isThere = false));
    await this.fire((request) => window.auth.signInRedirect(request), request);
  }

  /** Waits until the application is here again; resolves with how its callback went. */
  async back() {
    await until("the application is back", async () => {
      if (!(await this.url()).startsWith(this.address)) return false;
      // The page that is being left may go in the midst of the question.
      return this.run(() => window.isThere && window.auth.session.status !== "loading").catch(() => false);
    });
    return this.run(() => window.callback);
  }

  /** Through a login page that goes on by itself, and back; resolves with how the callback went. */
  async tryToSignIn(request) {
    await this.leave(request);
    return this.back();
  }

  /** The same, where nothing is to go wrong. */
  async signIn(request) {
    const callback = await this.tryToSignIn(request);
    if (callback?.status !== "signed-in") throw new Error(`not signed in: ${JSON.stringify(callback)}`);
    return callback;
  }

  /** Waits for the provider's page with this button. */
  async providersPage(button = "sign-in") {
    await until("the provider's page", async () => {
      await this.front();
      return (await this.driver.findElements(By.id(button))).length > 0;
    });
  }

  /** Clicks a button on the provider's page. */
  async press(button) {
    await this.providersPage(button);
    await this.driver.findElement(By.id(button)).click();
  }

  // ── the session ──

  session() {
    return this.run(() => window.auth.session);
  }

  token() {
    return this.run(() => window.auth.token());
  }

  refresh() {
    return this.run(() => window.auth.refresh());
  }

  /** What a guard has seen since the page was loaded. */
  statuses() {
    return this.run(() => window.statuses);
  }

  async untilStatus(status) {
    await this.until(`the session is ${status}`, (wanted) => window.auth.session.status === wanted, status);
  }

  async change(type, { nth = 1 } = {}) {
    return this.until(`change ${type} (${nth})`, (wanted, n) => window.e2e.changes.filter((one) => one.type === wanted)[n - 1], type, nth);
  }

  /** The stored session, as text, or null. */
  record(name = "default") {
    return this.run((key) => sessionStorage.getItem(key), `hallpass.${name}`);
  }

  /** Starts a refresh and does not wait for it; `refreshed()` tells how it went. */
  startRefresh() {
    return this.run(() => {
      window.refreshing = window.auth.refresh().then(({ status }) => status, (error) => error.code);
    });
  }

  /** Asks for a token that lives so long yet, once the one that is there does not; `refreshed()` tells how it went. */
  async startNeedingMoreThanIsLeft(seconds) {
    await this.until("less is left", (seconds) => window.auth.session.expiresAt - Date.now() < seconds * 1000, seconds);
    await this.run((minValiditySeconds) => {
      window.refreshing = window.auth.token({ minValiditySeconds }).then(() => window.auth.session.status, (error) => error.code);
    }, seconds);
  }

  refreshed() {
    return this.run(() => window.refreshing);
  }

  /** Waits until so many tabs wait for the refresh lock. */
  async untilWaiting(count) {
    await until(`${count} wait for the lock`, async () => (await refreshLocks(this)).pending >= count);
  }

  // ── requests ──

  /**
   * One request to `url`; resolves with `{ status, body }`. `client`: "fetch", "axios:xhr", "axios:fetch", or "headers":
   * the platform's fetch, with what `auth.headers` gives.
   */
  ask(url, { client = "fetch", method = "GET" } = {}) {
    return this.run(
      async (url, client, method) => {
        const parsed = async (response) => ({ status: response.status, body: await response.json() });
        if (client === "fetch") return parsed(await window.auth.fetch(url, { method }));
        if (client === "headers") return parsed(await fetch(url, { method, headers: await window.auth.headers(url, { method }) }));
        const [, adapter] = client.split(":");
        const { status, data } = await window.client.request({ url, method, adapter, validateStatus: () => true });
        return { status, body: data };
      },
      url,
      client,
      method,
    );
  }

  // ── popup ──

  /** Clicks the application's button. */
  async askForPopup() {
    await this.front();
    await this.driver.findElement(By.id("sign-in-popup")).click();
    await this.until("the click was heard", () => window.popup !== undefined);
  }

  /** The same; resolves with the popup, once it is there. For login pages that wait. */
  async openPopup() {
    const before = await this.driver.getAllWindowHandles();
    await this.askForPopup();
    const handle = await until("the popup", async () => (await this.driver.getAllWindowHandles()).find((one) => !before.includes(one)));
    return new OidcPage(this.world, handle, this.address);
  }

  /** How the sign-in by popup went: the session's status, or the error. */
  popupOutcome() {
    return this.run(() => window.popup);
  }

  /** Waits until the popup has closed itself. */
  async untilAlone(count = 1) {
    await until("the popup is closed", async () => (await this.driver.getAllWindowHandles()).length === count);
  }
}
