import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import Provider from "oidc-provider";
import { memoryStore } from "../../e2e/harness/oidc/store.js";

/** Of an access token, as Keycloak gives it. */
export const ACCESS_SECONDS = 300;
const DAY = 86_400;
const ISSUER = "https://id.example.com/";
const APP = "https://app.example.com/";
const API = "https://api.example.com";

/**
 * The authorization server that all sign in at: `oidc-provider` of npm, with refresh tokens that are good once and whose
 * family ends where one comes twice. So that nobody has to be told more than its documentation says, it has the paths of
 * Auth0, refresh tokens that are JWTs as Keycloak's, and one API, which access tokens are for unless said otherwise.
 */
export class AuthorizationServer {
  /** Requests to the token endpoint: what for, and how they ended. @type {{ grant: string, outcome: string }[]} */
  asked = [];
  /** Requests to the authorization endpoint. */
  visits = 0;
  /** Families of refresh tokens that were ended because one came twice. */
  killed = 0;
  /** The newest answer with tokens. */
  tokens;
  #provider;
  #answer;

  async start() {
    const key = await generateKeyPair("RS256", { extractable: true });
    this.jwks = { keys: [{ ...(await exportJWK(key.privateKey)), use: "sig", alg: "RS256", kid: "1" }] };
    this.#provider = quietly(() => new Provider(ISSUER, configuration(this.jwks, () => this.#provider.Grant)));
    makeRefreshTokensJwts(this.#provider, key.privateKey);
    this.#provider.on("grant.revoked", () => (this.killed += 1));
    this.#provider.on("server_error", (_ctx, error) => console.error(error));
    this.#provider.use((ctx, next) => this.#watch(ctx, next));
    this.#answer = this.#provider.callback();
    return this;
  }

  async handle(request, response) {
    if (request.url.startsWith("/interaction/")) return this.#interact(request, response);
    const auth0 = /^\/v2\/logout\?(.*)$/.exec(request.url);
    if (auth0 !== null) request.url = `/session/end?${auth0[1].replace("returnTo=", "post_logout_redirect_uri=")}`;
    return this.#answer(request, response);
  }

  forget() {
    this.asked = [];
    this.visits = 0;
    this.killed = 0;
  }

  async #watch(ctx, next) {
    await next();
    // As Keycloak says it: keycloak-js sends cookies to the token endpoint.
    if (ctx.response.get("Access-Control-Allow-Origin") !== "") ctx.set("Access-Control-Allow-Credentials", "true");
    const { route } = ctx.oidc ?? {};
    if (ctx.method === "OPTIONS") return;
    if (route === "authorization") this.visits += 1;
    if (route !== "token") return;
    this.asked.push({ grant: ctx.oidc.params?.grant_type, outcome: ctx.body?.error ?? "ok" });
    if (ctx.status === 200) this.tokens = ctx.body;
  }

  /** Nobody types anything: whoever is sent here is Ada. */
  async #interact(request, response) {
    const { prompt } = await this.#provider.interactionDetails(request, response);
    const result = prompt.name === "login" ? { login: { accountId: "ada" } } : { consent: {} };
    await this.#provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  }
}

function configuration(jwks, Grant) {
  return {
    adapter: memoryStore(),
    jwks,
    clients: [
      {
        client_id: "spa",
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        redirect_uris: [APP, `${APP}silent-check-sso.html`],
        post_logout_redirect_uris: [APP],
      },
    ],
    clientBasedCORS: (_ctx, origin) => `${origin}/` === APP,
    routes: { authorization: "/authorize", token: "/oauth/token" },
    scopes: ["openid", "offline_access"],
    claims: { openid: ["sub", "name"], profile: ["nickname"] },
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: "Ada Lovelace" }) }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: (ctx) => grant(ctx, Grant()),
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    cookies: { keys: [randomBytes(32).toString("hex")] },
    ttl: { AccessToken: ACCESS_SECONDS, AuthorizationCode: 60, IdToken: ACCESS_SECONDS, RefreshToken: 30 * DAY, Interaction: 600, Session: 30 * DAY, Grant: 30 * DAY },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => API,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: "", audience: API, accessTokenTTL: ACCESS_SECONDS, accessTokenFormat: "jwt" }),
      },
    },
  };
}

/** Signed in is agreed, with a family of refresh tokens for each sign-in. */
async function grant(ctx, Grant) {
  const { client, session, resourceServers, requestParamOIDCScopes } = ctx.oidc;
  if (session.accountId === undefined) return undefined;
  const made = new Grant({ clientId: client.clientId, accountId: session.accountId });
  made.addOIDCScope([...requestParamOIDCScopes].join(" "));
  for (const identifier of Object.keys(resourceServers)) made.addResourceScope(identifier, "");
  await made.save();
  return made;
}

/** `keycloak-js` reads in them; for the server they are names like any other. */
function makeRefreshTokensJwts({ RefreshToken }, key) {
  const { save } = RefreshToken.prototype;
  RefreshToken.prototype.save = async function () {
    const iat = Math.floor(Date.now() / 1000);
    this.jti ??= await new SignJWT({ iat, exp: iat + 30 * DAY, jti: randomBytes(16).toString("hex"), typ: "Refresh" })
      .setProtectedHeader({ alg: "RS256" })
      .sign(key);
    return save.call(this);
  };
}

function logoutSource(ctx, form) {
  ctx.body = `<!doctype html><title>Sign out</title>${form}<input type="hidden" form="op.logoutForm" name="logout" value="yes"><script>document.forms[0].submit()</script>`;
}

/** What it says at start is for people who run it in production. */
function quietly(action) {
  const { info, warn } = console;
  console.info = console.warn = () => undefined;
  try {
    return action();
  } finally {
    Object.assign(console, { info, warn });
  }
}
