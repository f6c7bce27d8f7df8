import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { BLANK, makeAppDir } from "./app-dir.js";
import { Canaries } from "./canaries.js";
import { DemoPage } from "./demo-page.js";
import { startEngine } from "./engines.js";
import { HarnessServer } from "./harness-server.js";
import { OidcProvider } from "./oidc/provider.js";
import { removePackageDir } from "./package-dir.js";
import { PackagePage } from "./package-page.js";
import { PLAIN, PlainPage } from "./plain-page.js";
import { ReferenceServer } from "./reference-server.js";

/** Observations that fail a test which did not announce them. */
const FAILURES = ["unhandledrejection", "error", "csp", "console.error"];

/** Ionic's router outlet, taken off the page while it slides pages: it rejects, and nobody of us is to blame. */
const OF_IONIC = /routerOutletElement\.removeChild/;

/**
 * What one test file works with in one engine: a browser, the reference server with the demo app, and for each test
 * clean stores, an account of its own and a watch on everything that leaves the pages.
 */
export class World {
  /** Authorization servers of the test that is running. */
  providers = [];

  constructor(engine) {
    this.engine = engine;
  }

  async start() {
    this.appDir = await makeAppDir();
    // In WebKitGTK on a busy machine all HTTP/2 requests hang after a page was closed in the middle of one.
    const pages = ["/", PLAIN].flatMap((page) => ["--redirect-uri", page]);
    this.server = await new ReferenceServer(this.appDir.dir, [...pages, ...(this.engine === "webkit" ? ["--http1"] : [])]).start();
    this.browser = await startEngine(this.engine);
    this.driver = this.browser.driver;
    await this.driver.manage().setTimeouts({ script: 120_000, pageLoad: 60_000 });
    await this.driver.manage().window().setRect({ width: 1100, height: 900 });
    this.window = await this.driver.getWindowHandle();
  }

  async stop() {
    await this.browser?.stop();
    await this.server?.stop();
    for (const server of [...(this.harness ?? []), ...this.providers]) await server.stop();
    await removePackageDir();
    await this.appDir?.remove();
  }

  // ── one test ──

  /** Makes everything as if nothing had run before. */
  async reset() {
    await this.closeOtherWindows();
    await this.emptyStores();
    for (const server of this.harness ?? []) server.reset();
    for (const provider of this.providers.splice(0)) await provider.stop();
    await this.server.clearFaults();
    await this.server.clearLog();
    this.canaries = new Canaries();
    this.seen = [];
    /** What this test provokes on purpose: kinds of observations that are no failure. */
    this.expected = new Set();
    const id = randomBytes(4).toString("hex");
    // Characters that change under percent-encoding and in JSON, so that a leak in disguise is told from a whole one.
    this.user = { username: `user-${id}`, password: `pass word/+"ä ${randomBytes(12).toString("hex")}`, displayName: "Test User" };
    this.canaries.add("password", this.user.password);
    await this.server.addUser(this.user);
    await this.browser.consoleLog();
  }

  /** Ends a test: nothing may have leaked, and nothing may have gone wrong unnoticed. */
  async verify() {
    await this.collect();
    const bad = this.seen.filter(
      ({ where, text }) => FAILURES.includes(where) && !this.expected.has(where) && !OF_IONIC.test(text),
    );
    assert.deepEqual(bad, [], "unexpected in the page: errors, unhandled rejections, CSP violations");
    assert.deepEqual(this.canaries.search(this.seen), [], "secrets leaked (SEC-40)");
  }

  /** This test makes observations of this kind by itself ("console.error", "csp", …). */
  expect(kind) {
    this.expected.add(kind);
  }

  /** Takes over what the pages saw so far. Pages that are about to be killed must be asked before. */
  async collect() {
    for (const handle of await this.driver.getAllWindowHandles()) {
      await this.driver.switchTo().window(handle);
      const taken = await this.driver.executeScript("return window.e2e ? JSON.stringify(window.e2e.take()) : null");
      if (taken === null) continue;
      const { seen, secrets } = JSON.parse(taken);
      for (const { kind, text, path } of seen) this.seen.push({ where: kind, text: `${text} (${path})` });
      for (const { kind, value } of secrets) this.canaries.add(kind, value);
    }
    for (const text of await this.browser.consoleLog()) this.seen.push({ where: "browser log", text });
  }

  /** What a failed test wants to know: where each tab is, what its session did, what the servers were asked. */
  async diagnose() {
    await this.collect().catch(() => undefined);
    const parts = [];
    const ask = async (what, question) => parts.push(`${what}: ${await question().catch((error) => `(${error.message})`)}`);
    for (const handle of await this.driver.getAllWindowHandles().catch(() => [])) {
      await ask("tab", async () => {
        await this.driver.switchTo().window(handle);
        return this.driver.executeScript(
          `const brief = (change) => JSON.stringify({ type: change.type, reason: change.reason, error: change.error && [change.error.code, change.error.message, change.error.status], at: change.at });
           return [location.href.slice(0, 200), JSON.stringify((window.auth ?? window.hallpassDemo?.auth)?.session), document.querySelector("[data-testid=start-failure]")?.dataset.code ?? "", ...(window.e2e?.changes ?? []).map(brief)].join("\\n  ")`,
        );
      });
    }
    await ask("server log", async () => {
      const log = await this.server.log({ preflights: true });
      return log.map(({ at, method, path, status, fault }) => `\n  ${at} ${method} ${path} ${status} ${fault ?? ""}`).slice(-40).join("");
    });
    for (const provider of this.providers) {
      const lines = provider.asked.map(({ endpoint, status, error, params }) => `\n  ${endpoint} ${status} ${error ?? ""} ${params?.grant_type ?? ""}`);
      parts.push(`provider: ${lines.join("")}\napi: ${provider.api.calls.map(({ method, path, status, why }) => `\n  ${method} ${path} ${status} ${why ?? ""}`).join("")}`);
    }
    parts.push(`seen: ${(this.seen ?? []).map(({ where, text }) => `\n  ${where}: ${text.slice(0, 400)}`).slice(-10).join("")}`);
    return parts.join("\n");
  }

  // ── pages ──

  /** The demo app in the browser's first tab. */
  open(settings, path) {
    return this.page().open(settings, path);
  }

  /** Harness servers, each an origin of its own; started when first asked for. */
  async origins(count = 1) {
    this.harness ??= [];
    while (this.harness.length < count) this.harness.push(await new HarnessServer().start());
    return this.harness.slice(0, count);
  }

  /** An authorization server with an API behind it; it ends with the test. */
  async authorizationServer(switches) {
    const provider = await new OidcProvider(switches).start();
    this.providers.push(provider);
    return provider;
  }

  /** The bare page of a harness server, in the browser's first tab. */
  packagePage(server) {
    return new PackagePage(this.browser, this.window, server.origin);
  }

  page() {
    return new DemoPage(this, this.window);
  }

  /** The plain page in the browser's first tab. */
  plainPage() {
    return new PlainPage(this, this.window);
  }

  /** A further tab, with nothing loaded yet. */
  async newPage(Kind = DemoPage) {
    await this.driver.switchTo().window(this.window);
    // A window of its own: in WebKit a tab in the background stays hidden.
    await this.driver.switchTo().newWindow("window");
    return new Kind(this, await this.driver.getWindowHandle());
  }

  /** So many further tabs with the plain page. */
  async plainPages(count, options) {
    const pages = [];
    while (pages.length < count) pages.push(await (await this.newPage(PlainPage)).open(options));
    return pages;
  }

  async closeOtherWindows() {
    for (const handle of await this.driver.getAllWindowHandles()) {
      if (handle === this.window) continue;
      await this.driver.switchTo().window(handle);
      await this.driver.close();
    }
    await this.driver.switchTo().window(this.window);
  }

  /** Empties the stores of every origin in use, and all cookies (which know no ports). */
  async emptyStores() {
    const pages = [...(this.harness ?? []).map((server) => `${server.origin}/hooks.js`), `${this.server.app}${BLANK}`];
    for (const page of pages) {
      await this.driver.get(page);
      await this.driver.executeScript("window.e2e?.take(); sessionStorage.clear(); localStorage.clear(); window.name = '';");
    }
    await this.driver.manage().deleteAllCookies();
  }

  /** The browser's cookies for the servers' host, HttpOnly ones included. */
  cookies() {
    return this.driver.manage().getCookies();
  }
}
