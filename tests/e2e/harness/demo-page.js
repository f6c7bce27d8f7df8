import { By, error as failure, until as located } from "selenium-webdriver";
import { Page } from "./page.js";
import { typeInto } from "./type-into.js";
import { PATIENCE, until } from "./until.js";

/** A tab with the demo app in it. */
export class DemoPage extends Page {
  /** @param {import("./world.js").World} world */
  constructor(world, handle) {
    super(world.browser, handle);
    this.world = world;
  }

  /** Loads the app at `path` with `settings` in its query, and waits until it knows its session. */
  async open(settings = {}, path = "/") {
    await this.goto(this.address(settings, path));
    await this.ready();
    return this;
  }

  address(settings = {}, path = "/") {
    const url = new URL(path, this.world.server.app);
    for (const [name, value] of Object.entries(settings)) url.searchParams.set(name, String(value));
    return url.href;
  }

  async ready() {
    await this.until("the demo knows its session", () => {
      const status = document.querySelector("[data-testid=status]")?.dataset.status;
      return status === "signed-in" || status === "signed-out";
    });
  }

  async reload() {
    await super.reload();
    await this.ready();
  }

  // ── through the package ──

  /** Signs `user` in through `auth.signIn`. `permanent: false`: without a refresh token. */
  signIn(user = this.world.user, { permanent = true, carrier = "body" } = {}) {
    return this.run(
      (credentials) => window.hallpassDemo.auth.signIn(credentials),
      { username: user.username, password: user.password, permanent, carrier },
    );
  }

  session() {
    return this.run(() => window.hallpassDemo.auth.session);
  }

  token() {
    return this.run(() => window.hallpassDemo.auth.token());
  }

  refresh() {
    return this.run(() => window.hallpassDemo.auth.refresh());
  }

  signOut() {
    return this.run(() => window.hallpassDemo.auth.signOut());
  }

  /** The stored session, as text, or null. */
  record(name = "default") {
    return this.run((key) => sessionStorage.getItem(key), `hallpass.${name}`);
  }

  /** Waits for a change of this type and gives it, with the session that came with it. */
  async change(type, { nth = 1 } = {}) {
    return this.until(`change ${type} (${nth})`, (wanted, n) => window.e2e.changes.filter((one) => one.type === wanted)[n - 1], type, nth);
  }

  /** Waits until the session has this status; gives the session. */
  async untilStatus(status) {
    return this.until(
      `the session is ${status}`,
      (wanted) => {
        const { session } = window.hallpassDemo.auth;
        return session.status === wanted && session;
      },
      status,
    );
  }

  /**
   * `count` requests at once to the API; resolves with `[{ status, body }]`.
   * `client` is "fetch" or "axios", with or without an adapter: "axios:xhr", "axios:fetch".
   */
  ask(path, { client = "fetch", count = 1, method = "GET", headers = {}, body } = {}) {
    return this.run(
      async (base, client, count, method, headers, body) => {
        const { auth, axios } = window.hallpassDemo;
        const [kind, adapter] = client.split(":");
        const one = async (_, index) => {
          // Told apart, because WebKit makes one of equal requests that are under way.
          const url = `${base}?request=${index}`;
          if (kind === "fetch") {
            const response = await auth.fetch(url, { method, headers, ...(body !== null && { body }) });
            return { status: response.status, body: await response.text() };
          }
          const response = await axios.request({
            url,
            method,
            headers,
            ...(adapter && { adapter }),
            ...(body !== null && { data: body }),
            validateStatus: () => true,
            responseType: "text",
          });
          return { status: response.status, body: String(response.data) };
        };
        return Promise.all(Array.from({ length: count }, one));
      },
      new URL(path, this.world.server.api).href,
      client,
      count,
      method,
      headers,
      body ?? null,
    );
  }

  // ── through what people see ──

  async element(testId, inner = "") {
    await this.front();
    const element = await this.driver.wait(located.elementLocated(By.css(`[data-testid="${testId}"]${inner}`)), PATIENCE * 1000);
    return this.driver.wait(located.elementIsVisible(element), PATIENCE * 1000);
  }

  async click(testId) {
    const element = await this.element(testId);
    await this.driver.executeScript("arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", element);
    // Pages slide in: for a moment a button is under another one, or not yet where it will be.
    await until(`a click on ${testId}`, () => element.click().then(() => true, isInTheWay));
  }

  async type(testId, text) {
    await typeInto(await this.element(testId, " input"), text);
  }

  /** Signs in by typing into the form. */
  async signInByForm(user = this.world.user) {
    await this.type("username", user.username);
    await this.type("password", user.password);
    await this.click("sign-in");
  }
}

function isInTheWay(error) {
  if (error instanceof failure.ElementNotInteractableError || error instanceof failure.ElementClickInterceptedError) return false;
  throw error;
}
