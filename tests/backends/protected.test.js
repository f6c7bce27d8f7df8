import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { startEngine } from "../e2e/harness/engines.js";
import { HarnessServer } from "../e2e/harness/harness-server.js";
import { request } from "../e2e/harness/http.js";
import { OidcPage } from "../e2e/harness/oidc/oidc-page.js";
import { removePackageDir } from "../e2e/harness/package-dir.js";
import { ReferenceServer } from "../e2e/harness/reference-server.js";
import { until } from "../e2e/harness/until.js";
import { concludeProtected, note, PROTECTED, startProtected } from "./harness/protected.js";

const FILTER = process.env.HALLPASS_BACKENDS_FILTER ?? "";
const chosen = PROTECTED.filter(({ name, folder }) => `${name} ${folder} protected`.includes(FILTER));

const PAGE = new URL("../e2e/page/oidc.html", import.meta.url);
const USER = { username: "demo", password: "correct horse battery staple" };

/*
 * Both halves of the package: the browser's signs in at the reference server with a fingerprint and DPoP, `hallpass/server`
 * protects the API, in each framework by the recipe of the documentation. Page, provider and API have an origin each.
 */

describe("APIs behind hallpass/server", { skip: chosen.length === 0 }, () => {
  let app;
  let provider;
  let browser;
  before(async () => {
    app = await new HarnessServer().start();
    provider = await new ReferenceServer(".", ["--redirect-uri", `${app.origin}/app`, "--dpop-nonce"]).start();
    browser = await startEngine("chromium");
    await browser.driver.sendAndGetDevToolsCommand("Page.addScriptToEvaluateOnNewDocument", { source: withCookies(`${provider.api}/oidc/token`) });
  }, { timeout: 60_000 });
  after(async () => {
    for (const running of [browser, provider, app]) await running?.stop();
    await removePackageDir();
    if (FILTER === "") await concludeProtected();
  });

  for (const row of chosen) {
    it(`${row.name}: sign-in, requests, refresh, a stolen token without cookie or key, sign-out (SEC-22, SEC-46, OIDC-8)`, { timeout: 240_000 }, async () => {
      const api = await startProtected(row, provider, app.origin);
      try {
        await lead(row, await pageFor(api), api.url);
      } catch (error) {
        error.message += `\n${api.output()}`;
        throw error;
      } finally {
        await api.stop();
      }
    });
  }

  async function lead(row, page, url) {
    assert.equal((await page.session()).status, "signed-out");
    assert.equal((await page.ask(url)).status, 401);
    await signIn(page);
    const { profile } = await page.session();
    assert.equal(profile.preferred_username, USER.username);
    const { sub } = profile;
    const isLetIn = async () => assert.deepEqual(await page.ask(url), { status: 200, body: { hello: sub } });
    await isLetIn();
    note(row, "Sign-in and requests", "yes");

    const before = await page.token();
    assert.equal((await page.refresh()).status, "signed-in");
    assert.notEqual(await page.token(), before);
    await isLetIn();
    note(row, "Refresh", "yes");

    // Whoever has the token, from elsewhere. Each of these proofs is fresh, and for this very request.
    const replay = async (change) => {
      const headers = await page.run((url) => window.auth.headers(url), url);
      const { status, headers: answer } = await request(url, { headers: change(headers) });
      return [status, /error="(\w+)"/.exec(answer["www-authenticate"] ?? "")?.[1]];
    };
    const cookies = await browser.driver.manage().getCookies();
    const { name, value } = cookies.find(({ name }) => name === "__Host-Fgp");
    const Cookie = `${name}=${value}`;
    assert.deepEqual(await replay((headers) => ({ ...headers, Cookie })), [200, undefined]);
    assert.deepEqual(await replay((headers) => headers), [401, "invalid_token"], "without the cookie");
    assert.deepEqual(await replay((headers) => ({ ...headers, Cookie: `${name}=another` })), [401, "invalid_token"]);
    note(row, "A token without its cookie", "refused");
    assert.deepEqual(await replay(({ Authorization }) => ({ Authorization, Cookie })), [401, "invalid_dpop_proof"], "without a proof");
    const bearer = ({ Authorization }) => ({ Authorization: Authorization.replace("DPoP", "Bearer"), Cookie });
    assert.deepEqual(await replay(bearer), [401, "invalid_token"], "as a bearer token");
    note(row, "without its key", "refused");

    await page.run(() => window.auth.signOut());
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "user" });
    assert.equal((await page.ask(url)).status, 401);
    note(row, "Sign-out", "yes");
  }

  /** The application, with options for this API. */
  async function pageFor(api) {
    const html = await readFile(PAGE, "utf8");
    const json = {
      provider: { issuer: `${provider.api}/oidc`, clientId: "spa", scope: "openid profile offline_access", dpop: true, params: { fingerprint: "true", prompt: "login" } },
      options: { origins: [new URL(api.url).origin], fingerprint: { mode: "server" } },
    };
    app.on("GET /oidc-settings.json", () => ({ json }));
    app.on("GET /app", () => ({ body: html, headers: { "Content-Type": "text/html; charset=utf-8" } }));
    const page = new OidcPage({ browser }, await browser.driver.getWindowHandle(), `${app.origin}/app`);
    return page.open();
  }

  async function signIn(page) {
    await page.leave();
    await until("the provider asks who it is", () => browser.driver.executeScript((api) => location.origin === api && document.querySelector("form") !== null, provider.api));
    await browser.driver.executeScript(({ username, password }) => {
      const form = document.querySelector("form");
      form.elements.namedItem("username").value = username;
      form.elements.namedItem("password").value = password;
      form.requestSubmit();
    }, USER);
    const { status, ...callback } = await page.back();
    assert.equal(status, "signed-in", JSON.stringify(callback));
  }
});

/**
 * Runs in the page before the package. The reference server wants the fingerprint's cookie at its token endpoint, too, and
 * the package sends no cookies to providers: the application does, as it could by the option `fetch`.
 */
function withCookies(url) {
  return `{
    const { fetch } = window;
    window.fetch = (input, init) => fetch(input, input === ${JSON.stringify(url)} ? { ...init, credentials: "include" } : init);
  }`;
}
