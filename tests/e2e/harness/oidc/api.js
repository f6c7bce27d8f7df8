import { once } from "node:events";
import { randomBytes } from "node:crypto";
import https from "node:https";
import { createLocalJWKSet, jwtVerify } from "jose";
import { certificate } from "../certificate.js";
import { Faults } from "./faults.js";
import { decodeProof, verifyProof } from "./proof.js";

/**
 * The API behind the authorization server, on an origin of its own. It takes JWTs that were issued for it (RFC 9068) and
 * opaque tokens of its authorization server, alone or with a proof of the key that they are bound to (RFC 9449).
 *
 * @typedef {object} Call
 * @property {string} method
 * @property {string} path
 * @property {number} status
 * @property {string} [scheme] of the Authorization header, as it was sent
 * @property {string} [why] it was refused
 * @property {{ header: object, payload: object } | null} proof
 */
export class ResourceServer {
  /** @type {Call[]} */
  calls = [];
  faults = new Faults();
  #switches;
  #trusted;
  #server;
  #seen = new Set();
  #nonce = randomBytes(12).toString("base64url");
  #refusesBefore = 0;

  /** @param {{ origins: string[], issuer: string, dpop?: boolean, nonces?: boolean }} switches `origins` may read answers */
  constructor({ dpop = false, nonces = dpop, ...switches }) {
    this.#switches = { dpop, nonces, ...switches };
  }

  async start() {
    const { private: key, cert } = await certificate();
    this.#server = https.createServer({ key, cert }, (request, response) => {
      this.#serve(request, response).catch((error) => response.writeHead(500).end(String(error)));
    });
    this.#server.listen(0, "localhost");
    await once(this.#server, "listening");
    this.origin = `https://localhost:${this.#server.address().port}`;
    return this;
  }

  async stop() {
    if (this.#server === undefined) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** `find`: what the authorization server knows of an opaque token. */
  trust({ jwks, find }) {
    this.#trusted = { keys: createLocalJWKSet({ keys: jwks.keys.map(({ d: _d, ...key }) => key) }), find };
  }

  // ── what a test says and reads ──

  /** From now on tokens issued until now are a 401; what is issued in a second or later is good. */
  refuseIssuedTokens() {
    this.#refusesBefore = Math.floor(Date.now() / 1000) + 1;
  }

  /** Proofs have to name another nonce from now on. */
  changeNonce() {
    this.#nonce = randomBytes(12).toString("base64url");
  }

  statuses(path) {
    return this.calls.filter((call) => call.path === path).map(({ status }) => status);
  }

  forget() {
    this.calls = [];
  }

  // ──

  async #serve(request, response) {
    if (!(await this.faults.pass(request, response))) return;
    const cors = this.#cors(request.headers);
    if (request.method === "OPTIONS") return void response.writeHead(204, cors).end();
    request.resume();
    await once(request, "end");
    const { status, headers, body, why } = await this.#judge(request);
    const { pathname: path } = new URL(request.url, this.origin);
    const scheme = request.headers.authorization?.split(" ")[0];
    this.calls.push({ method: request.method, path, status, scheme, why, proof: decodeProof(request.headers.dpop) });
    const nonce = this.#switches.nonces ? { "DPoP-Nonce": this.#nonce } : {};
    response.writeHead(status, { ...cors, ...nonce, ...headers, "Content-Type": "application/json", "Cache-Control": "no-store" });
    response.end(JSON.stringify(body));
  }

  async #judge(request) {
    const [scheme = "", token = ""] = (request.headers.authorization ?? "").split(" ");
    if (token === "") return this.#refused(undefined, "no token");
    let nonce;
    let known;
    try {
      known = await this.#read(token);
      const wanted = known.thumbprint === undefined ? "bearer" : "dpop";
      if (scheme.toLowerCase() !== wanted) throw new Error(`the scheme is ${scheme}, the token is for ${wanted}`);
      if (wanted === "dpop") nonce = await this.#proven(request, token, known.thumbprint);
      else if (this.#switches.dpop) throw new Error("the token is bound to no key");
      if (known.issuedAt < this.#refusesBefore) throw new Error("issued too early");
    } catch (error) {
      return this.#refused("invalid_token", error.message);
    }
    if (this.#switches.nonces && nonce !== this.#nonce) return this.#refused("use_dpop_nonce", "nonce");
    return { status: 200, body: { sub: known.sub, scope: known.scope } };
  }

  #proven(request, token, thumbprint) {
    if (request.headers.dpop === undefined) throw new Error("no proof");
    const url = new URL(request.url, this.origin).href;
    return verifyProof(request.headers.dpop, { method: request.method, url, token, thumbprint, seen: this.#seen });
  }

  async #read(token) {
    if (token.split(".").length !== 3) return this.#lookUp(token);
    const { issuer } = this.#switches;
    const { payload } = await jwtVerify(token, this.#trusted.keys, { issuer, audience: this.origin, typ: "at+jwt" });
    return { sub: payload.sub, scope: payload.scope, issuedAt: payload.iat, thumbprint: payload.cnf?.jkt };
  }

  async #lookUp(token) {
    const found = await this.#trusted.find(token);
    if (found === undefined) throw new Error("unknown or revoked");
    return { sub: found.accountId, scope: found.scope, issuedAt: found.iat, thumbprint: found.jkt };
  }

  #refused(error, why) {
    const scheme = this.#switches.dpop ? "DPoP" : "Bearer";
    const challenge = `${scheme}${error === undefined ? "" : ` error="${error}"`}`;
    return { status: 401, headers: { "WWW-Authenticate": challenge }, body: { error, why }, why };
  }

  #cors({ origin, "access-control-request-headers": wanted, "access-control-request-method": method }) {
    if (!this.#switches.origins.includes(origin)) return {};
    return {
      "Access-Control-Allow-Origin": origin,
      ...(wanted && { "Access-Control-Allow-Headers": wanted }),
      ...(method && { "Access-Control-Allow-Methods": method }),
      "Access-Control-Expose-Headers": "DPoP-Nonce, WWW-Authenticate",
      Vary: "Origin",
    };
  }
}
