import * as client from "openid-client";
import { secureFetch } from "./secure-fetch.js";
import { UserAgent } from "./user-agent.js";

/** A single-page application's client in plain Node, by `openid-client`: what a provider is proved with. */
export class ClientOfOthers {
  /** Authorization requests are pushed. */
  pushes = false;
  /** RFC 8707. @type {string | undefined} */
  resource;
  /** The DPoP key. @type {CryptoKeyPair | undefined} */
  key;

  /**
   * @param {{ issuer: string, clientId: string, api?: { origin: string } }} provider
   * @param {{ redirectUri: string, scope?: string, at?: string }} options `at`: where every host is, "127.0.0.1:1234"
   */
  constructor(provider, { redirectUri, scope = "openid profile", at }) {
    Object.assign(this, { provider, redirectUri, scope, at });
    this.agent = new UserAgent(redirectUri, at);
  }

  async discover() {
    const options = { [client.customFetch]: secureFetch(this.at) };
    this.config = await client.discovery(new URL(this.provider.issuer), this.provider.clientId, undefined, client.None(), options);
    return this;
  }

  async makeKey() {
    this.key = await client.randomDPoPKeyPair("ES256");
    this.#handle = undefined;
  }

  /** Through the login page and back: the callback, and what it is checked against. Throws what the provider said no with. */
  async authorize(params = {}, { click } = {}) {
    const checks = {
      pkceCodeVerifier: client.randomPKCECodeVerifier(),
      expectedState: client.randomState(),
      expectedNonce: client.randomNonce(),
      ...(params.max_age && { maxAge: Number(params.max_age) }),
    };
    const query = {
      redirect_uri: this.redirectUri,
      scope: this.scope,
      code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
      code_challenge_method: "S256",
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      ...(this.resource && { resource: this.resource }),
      ...params,
    };
    for (const [name, value] of Object.entries(query)) if (value === null) delete query[name];
    const url = this.pushes
      ? await client.buildAuthorizationUrlWithPAR(this.config, query, this.#dpop())
      : client.buildAuthorizationUrl(this.config, query);
    const callback = await this.agent.visit(url.href, { click });
    const error = callback.searchParams.get("error");
    if (error !== null) throw Object.assign(new Error(`refused: ${callback.search}`), { error });
    return { url: callback, checks };
  }

  exchange(url, checks) {
    return client.authorizationCodeGrant(this.config, url, checks, this.#audience(), this.#dpop());
  }

  async signIn(params, way) {
    const { url, checks } = await this.authorize(params, way);
    return this.exchange(url, checks);
  }

  refresh({ refresh_token: refreshToken }) {
    return client.refreshTokenGrant(this.config, refreshToken, this.#audience(), this.#dpop());
  }

  /** The answer of the userinfo endpoint; its `sub` has to be the ID token's. */
  userInfo(tokens) {
    return client.fetchUserInfo(this.config, tokens.access_token, tokens.claims().sub);
  }

  /** The API's answer; throws its refusal. */
  async ask({ access_token: accessToken }, url = new URL("/me", this.provider.api.origin)) {
    try {
      const answer = await client.fetchProtectedResource(this.config, accessToken, url, "GET", null, null, this.#dpop());
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      return await answer.json();
    } catch (error) {
      // A challenge in WWW-Authenticate is an error of its own.
      if (error.response === undefined) throw error;
      throw new Error(`${error.response.status} ${await error.response.text()}`, { cause: error });
    }
  }

  /** Signs out at the provider; where it leads to afterwards. */
  endSession({ id_token: idToken }, state) {
    const url = client.buildEndSessionUrl(this.config, { id_token_hint: idToken, post_logout_redirect_uri: this.redirectUri, state });
    return this.agent.visit(url.href);
  }

  #handle;

  #dpop() {
    if (this.key === undefined) return undefined;
    this.#handle ??= client.getDPoPHandle(this.config, this.key);
    return { DPoP: this.#handle };
  }

  #audience() {
    return this.resource === undefined ? undefined : { resource: this.resource };
  }
}
