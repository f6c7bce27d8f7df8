import assert from "node:assert/strict";
import { createHash, randomUUID, webcrypto } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { calculateJwkThumbprint, exportJWK, SignJWT, type JWK, type JWTPayload } from "jose";
import { createVerifier, Unauthorized, type RequestHead, type UnauthorizedCode, type Verified, type VerifierOptions } from "../src/server/index.js";
import { createClosingServer } from "./closing-server.js";

/* A provider, an API and a client for the tests of `hallpass/server`. Tokens and proofs are signed by jose. */

export const ISSUER = "https://id.example.com";
export const API = "https://api.example.com";
export const URL_OF_API = `${API}/me`;

export interface Signer {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: webcrypto.CryptoKey;
  readonly publicKey: webcrypto.CryptoKey;
  /** The public one. */
  readonly jwk: JWK;
}

const PARAMETERS: Record<string, webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams | webcrypto.Algorithm> = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  PS256: { name: "RSA-PSS", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  ES384: { name: "ECDSA", namedCurve: "P-384" },
  Ed25519: { name: "Ed25519" },
};

export async function createSigner(alg: string, kid: string = alg): Promise<Signer> {
  const pair = (await webcrypto.subtle.generateKey(PARAMETERS[alg] as webcrypto.EcKeyGenParams, true, ["sign", "verify"]));
  return { alg, kid, ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg, use: "sig" } };
}

export const now = (): number => Math.floor(Date.now() / 1000);

/** The claims of a token that is good for ten minutes. `undefined` leaves one out. */
export const goodClaims = (changes: object = {}): JWTPayload => JSON.parse(JSON.stringify({ iss: ISSUER, aud: API, sub: "ada", iat: now(), exp: now() + 600, ...changes })) as JWTPayload;

export function sign(signer: Signer, changes: object = {}, header: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT(goodClaims(changes)).setProtectedHeader({ alg: signer.alg, kid: signer.kid, ...header }).sign(signer.privateKey);
}

/** A token of given parts, whose signature is any text. */
export function forge(header: unknown, claims: unknown, signature: string): string {
  const part = (value: unknown): string => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(claims)}.${signature}`;
}

export interface RequestParts {
  readonly scheme?: string;
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
}

export function request(token: string | undefined, { scheme = "Bearer", method = "GET", url = URL_OF_API, headers = {} }: RequestParts = {}): Request {
  return new Request(url, { method, headers: token === undefined ? headers : { Authorization: `${scheme} ${token}`, ...headers } });
}

/** A verifier for this provider's tokens. */
export const verifierOf = (keys: VerifierOptions["keys"], options: Partial<VerifierOptions> = {}): ((request: RequestHead) => Promise<Verified>) =>
  createVerifier({ issuer: ISSUER, audience: API, keys, ...options });

export const passes = async (verified: Promise<Verified>): Promise<Verified> => {
  const result = await verified;
  assert.equal(result.claims.iss, ISSUER);
  return result;
};

/** Why it was refused. Everything that goes out is looked at: none of it may show what came in. */
export async function refusalOf(verified: Promise<Verified>, secrets: readonly string[] = []): Promise<Unauthorized> {
  const error = await verified.then(
    () => assert.fail("it was accepted"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Unauthorized, String((error as Error).stack));
  const answer = error.response;
  const told = [error.message, error.stack, JSON.stringify(error), await answer.clone().text(), ...[...answer.headers].flat()].join("\n");
  for (const secret of secrets.filter((text) => text.length > 8)) assert.ok(!told.includes(secret), "a secret is told");
  assert.equal(answer.status, error.code === "keys_unavailable" ? 503 : 401);
  assert.equal(answer.headers.has("WWW-Authenticate"), error.code !== "keys_unavailable");
  return error;
}

export async function refused(verified: Promise<Verified>, code: UnauthorizedCode | readonly UnauthorizedCode[], what = ""): Promise<Unauthorized> {
  const error = await refusalOf(verified);
  assert.ok([code].flat().includes(error.code), `${what}: ${error.code}, not ${String(code)}`);
  return error;
}

// ── DPoP ──

export interface Client extends Signer {
  readonly thumbprint: string;
}

/** A client with a key of its own. */
export async function createClient(alg = "ES256"): Promise<Client> {
  const signer = await createSigner(alg);
  const jwk = await exportJWK(signer.publicKey);
  return { ...signer, jwk, thumbprint: await calculateJwkThumbprint(jwk) };
}

export const ath = (token: string): string => createHash("sha256").update(token).digest("base64url");

/** A proof for GET of the API with this token. */
export function prove(client: Client, token: string, changes: object = {}, header: Record<string, unknown> = {}): Promise<string> {
  const claims = JSON.parse(JSON.stringify({ jti: randomUUID(), htm: "GET", htu: URL_OF_API, iat: now(), ath: ath(token), ...changes })) as JWTPayload;
  return new SignJWT(claims).setProtectedHeader({ alg: client.alg, typ: "dpop+jwt", jwk: client.jwk, ...header }).sign(client.privateKey);
}

export const boundTo = (client: Client): JWTPayload => ({ cnf: { jkt: client.thumbprint } });

export const dpopRequest = (token: string, proof: string | undefined, parts: RequestParts = {}): Request =>
  request(token, { scheme: "DPoP", ...parts, headers: { ...(proof === undefined ? {} : { DPoP: proof }), ...parts.headers } });

// ── a JWKS endpoint ──

export class KeyServer {
  keys: readonly JWK[] = [];
  /** What comes instead of the keys. */
  trouble: { readonly status: number; readonly body: string } | undefined;
  asked = 0;
  readonly #server: Server = createClosingServer((_request, response) => {
    this.asked++;
    response.writeHead(this.trouble?.status ?? 200, { "Content-Type": "application/json" }).end(this.trouble?.body ?? JSON.stringify({ keys: this.keys }));
  });

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/jwks`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
