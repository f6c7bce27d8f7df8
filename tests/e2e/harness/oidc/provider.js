import { once } from "node:events";
import https from "node:https";
import { certificate } from "../certificate.js";
import { ResourceServer } from "./api.js";
import { CLIENT_ID, configurationFor } from "./configuration.js";
import { Faults } from "./faults.js";
import { interact } from "./interaction.js";
import { decodeProof } from "./proof.js";

/**
 * A real authorization server, `oidc-provider` of npm, on an origin of its own, with an API behind it on another.
 * What it can do is said once, by switches; each instance has its own.
 *
 * @typedef {object} Asked what an endpoint was asked, and what it said
 * @property {string} endpoint its name in oidc-provider: "token", "authorization", "revocation", "userinfo", …
 * @property {number} status
 * @property {Record<string, string>} params those that the endpoint knows; of a pushed request, those that were pushed
 * @property {Record<string, string>} query of its URL, as it came
 * @property {any} [answer] JSON
 * @property {string} [error] OAuth code
 * @property {{ header: object, payload: object } | null} proof the DPoP proof, as it came
 * @property {number} at milliseconds since epoch
 */
export class OidcProvider {
  /** @type {Asked[]} */
  asked = [];
  /** Grants that were revoked: by the client, or because a token or code came twice. @type {string[]} */
  revoked = [];
  /** Who is at the login page. */
  account = "ada";
  faults = new Faults();
  #switches;
  #server;
  #provider;
  #answer;

  /** @param {import("./configuration.js").Switches} switches */
  constructor(switches) {
    this.#switches = switches;
    this.clientId = CLIENT_ID;
  }

  async start() {
    const { default: Provider } = await quietly(() => import("oidc-provider"));
    const port = await this.#listen();
    this.issuer = `https://localhost:${port}`;
    const origins = this.#switches.redirectUris.map((uri) => new URL(uri).origin);
    this.api = await new ResourceServer({ origins, issuer: this.issuer, ...this.#switches }).start();
    const configuration = await configurationFor(this.#switches, {
      port,
      resource: this.api.origin,
      Grant: () => provider.Grant,
      claimsOf: (account, use) => this.claimsOf(account, use),
    });
    const provider = await quietly(() => new Provider(this.issuer, configuration));
    this.#watch(provider);
    this.api.trust({ jwks: configuration.jwks, find: (token) => provider.AccessToken.find(token) });
    this.#provider = provider;
    this.#answer = provider.callback();
    return this;
  }

  async stop() {
    await this.api?.stop();
    if (this.#server === undefined) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** What it knows of an account; the nickname it tells at the userinfo endpoint only. @param {"id_token" | "userinfo"} use */
  claimsOf(account, use) {
    return { name: `Name of ${account}`, ...(use === "userinfo" && { nickname: account.slice(0, 2) }) };
  }

  // ── what a test reads ──

  /** What an endpoint was asked, oldest first. */
  askedOf(endpoint) {
    return this.asked.filter((one) => one.endpoint === endpoint);
  }

  /** The token endpoint's answers to this grant type: "ok", or the OAuth error. */
  grants(type) {
    return this.askedOf("token")
      .filter(({ params }) => params.grant_type === type)
      .map(({ status, error }) => (status === 200 ? "ok" : (error ?? String(status))));
  }

  /** The newest answer with tokens. */
  get tokens() {
    return this.askedOf("token").findLast(({ status }) => status === 200)?.answer;
  }

  /** How often somebody was at the login page. */
  get logins() {
    return this.faults.arrived.filter((path) => path.startsWith("/interaction/")).length;
  }

  get exchanges() {
    return this.grants("authorization_code");
  }

  get refreshes() {
    return this.grants("refresh_token");
  }

  /** Forgets what it was asked; sessions stay. */
  forget() {
    this.asked = [];
    this.revoked = [];
    this.faults.arrived = [];
    this.api.forget();
  }

  // ──

  #watch(provider) {
    provider.on("grant.revoked", (_ctx, grantId) => this.revoked.push(grantId));
    provider.on("server_error", (_ctx, error) => this.asked.push({ endpoint: "server_error", error: error.stack }));
    provider.use(async (ctx, next) => {
      if (this.#switches.openerPolicy !== undefined) ctx.set("Cross-Origin-Opener-Policy", this.#switches.openerPolicy);
      await next();
      if (ctx.method === "OPTIONS" || ctx._matchedRouteName === undefined) return;
      this.asked.push({
        endpoint: ctx.oidc.route,
        status: ctx.status,
        params: { ...ctx.oidc.params },
        query: { ...ctx.query },
        error: ctx.body?.error,
        answer: ctx.body,
        proof: decodeProof(ctx.get("DPoP")),
        at: Date.now(),
      });
    });
  }

  /** Gives the port, which the provider's address needs: so it listens before there is a provider. */
  async #listen() {
    const { private: key, cert } = await certificate();
    this.#server = https.createServer({ key, cert }, async (request, response) => {
      try {
        if (!(await this.faults.pass(request, response))) return;
        if (!request.url.startsWith("/interaction/")) return this.#answer(request, response);
        if (this.#switches.openerPolicy !== undefined) response.setHeader("Cross-Origin-Opener-Policy", this.#switches.openerPolicy);
        await interact(this.#provider, this.#switches, this.account, request, response);
      } catch (error) {
        response.writeHead(500, { "Content-Type": "text/plain" }).end(String(error));
      }
    });
    this.#server.listen(0, "localhost");
    await once(this.#server, "listening");
    return this.#server.address().port;
  }
}

/** What it says at start is for people who run it in production. */
async function quietly(action) {
  const { info, warn } = console;
  console.info = console.warn = () => undefined;
  try {
    return await action();
  } finally {
    Object.assign(console, { info, warn });
  }
}
