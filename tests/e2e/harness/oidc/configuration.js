import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import { memoryStore } from "./store.js";

/** The client that the pages are: public, with nothing but its redirect URIs to be known by. */
export const CLIENT_ID = "spa";

/** What the API grants beside what OpenID Connect defines. */
export const API_SCOPES = "api:read api:write";

/**
 * @typedef {object} Switches of one authorization server
 * @property {string[]} redirectUris registered with the client; their origins may read answers
 * @property {string[]} [postLogoutRedirectUris] default: the redirect URIs
 * @property {number} [accessSeconds] life of an access token. Default 300
 * @property {number} [refreshSeconds] life of a refresh token. Default a day
 * @property {boolean} [rotates] refresh tokens are good once, and their family ends where one comes twice. Default true
 * @property {boolean} [dpop] tokens are bound to a key (RFC 9449). Default false
 * @property {boolean} [nonces] with `dpop`: each proof has to name a nonce of the server. Default: as `dpop`
 * @property {boolean} [par] authorization requests have to be pushed (RFC 9126). Default false
 * @property {boolean} [offlineAccess] refresh tokens only for the scope `offline_access`, which asks for consent. Default false
 * @property {"auto" | "button"} [login] the login page: goes on by itself, or waits for a click. Default "auto"
 * @property {"auto" | "button"} [logout] the page of the end-session endpoint likewise. Default "auto"
 * @property {string} [openerPolicy] Cross-Origin-Opener-Policy of all its pages
 */

/**
 * The configuration of oidc-provider for these switches.
 *
 * @param {Switches} switches
 * @param {{ port: number, resource: string, Grant: () => any, claimsOf: (account: string, use: "id_token" | "userinfo") => object }} stage
 */
export async function configurationFor(switches, { port, resource, Grant, claimsOf }) {
  const { redirectUris, accessSeconds = 300, refreshSeconds = 86_400, rotates = true, dpop = false, nonces = dpop, par = false } = switches;
  const jwks = { keys: [await signingKey()] };
  const origins = redirectUris.map((uri) => new URL(uri).origin);
  return {
    adapter: memoryStore(),
    clients: [client(switches)],
    jwks,
    clientBasedCORS: (_ctx, origin) => origins.includes(origin),
    pkce: { required: () => true },
    rotateRefreshToken: rotates,
    scopes: ["openid", "offline_access"],
    claims: { openid: ["sub"], profile: ["name", "nickname"] },
    // As most providers do: what the scopes name stands in the ID token too.
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) => ({ accountId: id, claims: (use) => ({ sub: id, ...claimsOf(id, use) }) }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    // First-party: signed in is agreed. A grant for each sign-in, so that each has a family of refresh tokens of its own.
    loadExistingGrant: (ctx) => grantEverything(ctx, Grant()),
    // Else a second sign-in in the same browser would end the tokens of the first.
    expiresWithSession: async () => false,
    ...(switches.offlineAccess ? {} : { issueRefreshToken: async (_ctx, { grantTypes }) => grantTypes.includes("refresh_token") }),
    // Several servers on one host: cookies know no ports.
    cookies: {
      keys: [randomBytes(32).toString("hex")],
      names: { session: `session-${port}`, interaction: `interaction-${port}`, resume: `resume-${port}` },
    },
    ttl: {
      AccessToken: accessSeconds,
      AuthorizationCode: 60,
      IdToken: 600,
      RefreshToken: refreshSeconds,
      Interaction: 600,
      Session: 86_400,
      Grant: 86_400,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: logoutPage(switches), postLogoutSuccessSource },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: par },
      dPoP: { enabled: true, ...(nonces && { nonceSecret: randomBytes(32) }), requireNonce: () => nonces, allowReplay: false },
      resourceIndicators: { enabled: true, getResourceServerInfo: (ctx, asked) => resourceServer(ctx, asked, resource, accessSeconds) },
    },
    renderError: (ctx, { error, error_description: description }) => {
      ctx.type = "html";
      ctx.body = `<!doctype html><title>${escaped(error)}</title><p id="problem">${escaped(`${error}: ${description}`)}</p>`;
    },
  };
}

function client({ redirectUris, postLogoutRedirectUris = redirectUris, dpop = false }) {
  return {
    client_id: CLIENT_ID,
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    redirect_uris: redirectUris,
    post_logout_redirect_uris: postLogoutRedirectUris,
    id_token_signed_response_alg: "ES256",
    dpop_bound_access_tokens: dpop,
  };
}

let key;

/** Made once per process. */
function signingKey() {
  key ??= generateKeyPair("ES256", { extractable: true }).then(async ({ privateKey }) => ({
    ...(await exportJWK(privateKey)),
    use: "sig",
    alg: "ES256",
    kid: "e2e",
  }));
  return key;
}

async function grantEverything(ctx, Grant) {
  const { client, session, resourceServers, requestParamOIDCScopes, requestParamScopes } = ctx.oidc;
  if (session.accountId === undefined) return undefined;
  const grant = new Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope([...requestParamOIDCScopes].join(" "));
  for (const [identifier, { scopes }] of Object.entries(resourceServers)) {
    grant.addResourceScope(identifier, [...requestParamScopes].filter((scope) => scopes.has(scope)).join(" "));
  }
  await grant.save();
  return grant;
}

/** RFC 8707: for its API this server issues JWTs (RFC 9068), for no other resource anything. */
async function resourceServer(ctx, asked, known, accessSeconds) {
  if (asked !== known) {
    const { errors } = await import("oidc-provider");
    throw new errors.InvalidTarget();
  }
  return {
    scope: API_SCOPES,
    audience: known,
    accessTokenTTL: accessSeconds,
    accessTokenFormat: "jwt",
    jwt: { sign: { alg: "ES256" } },
  };
}

function logoutPage({ logout = "auto" }) {
  const onward =
    logout === "auto"
      ? '<input type="hidden" form="op.logoutForm" name="logout" value="yes"><script>document.forms[0].submit()</script>'
      : '<button id="sign-out" form="op.logoutForm" name="logout" value="yes">Sign out</button>';
  return (ctx, form) => {
    ctx.body = `<!doctype html><title>Sign out</title>${form}${onward}`;
  };
}

function postLogoutSuccessSource(ctx) {
  ctx.body = '<!doctype html><title>Signed out</title><p id="signed-out">Signed out</p>';
}

function escaped(text) {
  return String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
