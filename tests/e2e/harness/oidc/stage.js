import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { OidcPage } from "./oidc-page.js";

const PAGE = new URL("../../page/oidc.html", import.meta.url);

/** Where the application is, and its callback. */
const PATH = "/app";

/**
 * An authorization server with an API, and an application that signs in there, each on an origin of its own.
 *
 * @param {import("../world.js").World} world
 * @param {object} [settings]
 * @param {Partial<import("./configuration.js").Switches>} [settings.server] of the authorization server
 * @param {object} [settings.provider] for `oidc()`, in JSON; issuer and client are there already
 * @param {object} [settings.options] for `createAuth()`, in JSON; the API's origin is there already
 * @param {("indexedDB" | "BroadcastChannel" | "popups")[]} [settings.without] what this browser shall not have
 * @param {Record<string, string>} [settings.headers] of the application's page
 * @param {boolean} [settings.isGuarded] the application sends away who is signed out
 * @param {object} [settings.popup] for `signInPopup()`
 * @returns {Promise<{ page: OidcPage, provider: import("./provider.js").OidcProvider, api: import("./api.js").ResourceServer, newPage: () => Promise<OidcPage>, change: (settings: object) => void }>}
 */
export async function oidcStage(world, { server: switches = {}, ...settings } = {}) {
  const [origin] = await world.origins();
  const redirectUri = origin.origin + PATH;
  const provider = await world.authorizationServer({ redirectUris: [redirectUri], ...switches });
  const { issuer, clientId, api } = provider;
  const html = await readFile(PAGE, "utf8");

  /** The next page to be loaded has other settings. */
  const change = ({ provider: own, options, headers, ...more }) => {
    const json = {
      ...more,
      provider: { issuer, clientId, ...own },
      options: { origins: [api.origin], ...options },
    };
    origin.on("GET /oidc-settings.json", () => ({ json }));
    const policy = { "Content-Security-Policy": contentPolicy(html, issuer, api.origin) };
    origin.on(`GET ${PATH}`, () => ({ body: html, headers: { "Content-Type": "text/html; charset=utf-8", ...policy, ...headers } }));
  };
  change(settings);

  return {
    provider,
    api,
    change,
    page: new OidcPage(world, world.window, redirectUri),
    newPage: () => world.newPage(class extends OidcPage {
      constructor(...args) {
        super(...args, redirectUri);
      }
    }),
  };
}

/** Nothing but what the package says it needs: who signs in here needs no laxer policy. */
function contentPolicy(html, issuer, api) {
  const [, importMap] = /<script type="importmap">([^]*?)<\/script>/.exec(html);
  return [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' 'sha256-${createHash("sha256").update(importMap).digest("base64")}'`,
    `connect-src 'self' ${issuer} ${api}`,
    "img-src 'self'", // Firefox asks for the icon of each page
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}
