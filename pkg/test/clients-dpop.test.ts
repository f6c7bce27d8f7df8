import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { calculateJwkThumbprint, decodeJwt, EmbeddedJWK, type JWK, jwtVerify } from "jose";
import type * as Hallpass from "../src/index.js";
import type * as HallpassOidc from "../src/oidc/index.js";
import { type Client, CLIENTS, pause, setStage } from "./clients.js";

/*
 * DPoP behind every client: the same cases for each, with the shipped package, its real core and key, and a real server;
 * the proofs are verified by jose.
 */

const ISSUER = "https://id.test";
/** An application that comes back by a link: the page's own address stays out of it. */
const REDIRECT_URI = "com.example.app://signed-in";

const stage = setStage();
const { api, foreign } = stage;
let oidc: typeof HallpassOidc.oidc;
let client: Client;
let auth: Hallpass.Auth;
/** The key's thumbprint, as the provider was told it. */
let key: string | null;
/** What the provider gave out. */
let tokens: string[];
let count = 0;

const left: string[] = [];
const stored = new Map<string, string>();
const PAGE = {
  location: { href: "https://app.test/", origin: "https://app.test", assign: (url: string) => void left.push(url) },
  sessionStorage: {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  },
};

after(() => {
  Reflect.deleteProperty(globalThis, "sessionStorage");
});
beforeEach(async () => {
  for (const [name, value] of Object.entries(PAGE)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  ({ oidc } = (await import(pathToFileURL(join(process.cwd(), "dist/oidc.js")).href)) as typeof HallpassOidc);
  tokens = [];
  await signIn();
});
afterEach(() => {
  auth.close();
});

async function signIn(): Promise<void> {
  const metadata = { issuer: ISSUER, authorization_endpoint: `${ISSUER}/authorize`, token_endpoint: `${ISSUER}/token` };
  const provider = oidc({ issuer: ISSUER, clientId: "spa", scope: "api", dpop: true, redirectUri: REDIRECT_URI, metadata });
  auth = stage.world.hallpass.createAuth({ name: `dpop-${String(count++)}`, origins: [api.origin], storage: "memory", fetch: send, provider });
  await auth.ready;
  void auth.signInRedirect();
  while (left.length === 0) await pause(2);
  const asked = new URL(left.pop() ?? "").searchParams;
  key = asked.get("dpop_jkt");
  await auth.completeRedirect(`${REDIRECT_URI}?${new URLSearchParams({ code: "a-code", state: asked.get("state") ?? "" }).toString()}`);
}

/** The provider, and beside it the platform's. */
const send: typeof fetch = (input, init) => {
  if (new URL(input instanceof Request ? input.url : input).origin !== ISSUER) return fetch(input, init);
  const token = `access-${String(tokens.push(""))}`;
  tokens[tokens.length - 1] = token;
  return Promise.resolve(Response.json({ access_token: token, token_type: "DPoP", expires_in: 300, refresh_token: `refresh-of-${token}` }));
};

const at = (path: string): string => api.origin + path;
const proofs = (): string[] => api.seen.map(({ headers }) => headers.dpop as string);
const tokensSent = (): (string | undefined)[] => api.seen.map(({ authorization }) => authorization?.replace(/^DPoP /, ""));

/** What a server checks (RFC 9449, section 4.3), for each request that it saw; resolves with their nonces. */
async function noncesOfVerified(path: string): Promise<unknown[]> {
  const nonces: unknown[] = [];
  for (const [index, proof] of proofs().entries()) {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { typ: "dpop+jwt", algorithms: ["ES256"], maxTokenAge: 60 });
    assert.equal(await calculateJwkThumbprint(protectedHeader.jwk as JWK), key);
    const ath = createHash("sha256").update(tokensSent()[index] ?? "").digest("base64url");
    assert.deepEqual([payload.htm, payload.htu, payload.ath], ["POST", at(path), ath]);
    nonces.push(payload.nonce);
  }
  assert.equal(new Set(proofs().map((proof) => decodeJwt(proof).jti)).size, api.seen.length, "each has a proof of its own");
  return nonces;
}

/** Wants this nonce, and a token of these. */
function demand(nonce: string, ...good: string[]): void {
  api.rules = ({ headers, authorization }) => {
    const proof = headers.dpop;
    const asks = (error: string): ReturnType<typeof api.rules> => ({ status: 401, headers: { "WWW-Authenticate": `DPoP error="${error}"`, "DPoP-Nonce": nonce } });
    if (typeof proof !== "string") return asks("invalid_token");
    if (decodeJwt(proof).nonce !== nonce) return asks("use_dpop_nonce");
    return good.some((token) => authorization === `DPoP ${token}`) ? { status: 200 } : asks("invalid_token");
  };
}

for (const [index, name] of CLIENTS.entries()) {
  describe(name, () => {
    before(() => {
      client = stage.world.clients[index] as Client;
      assert.equal(client.name, name);
    });

    test("OIDC-8: a 401 that wants a nonce is answered once, with the same body and a new proof, and is no refresh (SEC-46)", async () => {
      demand("n-1", "access-1");
      assert.equal(await client.send(auth, { url: at("/a?q=1"), body: "kept" }), 200);
      assert.deepEqual(await noncesOfVerified("/a"), [undefined, "n-1"]);
      assert.deepEqual(api.seen.map(({ body }) => body), ["kept", "kept"]);
      assert.equal(await client.send(auth, { url: at("/a"), body: "next" }), 200);
      assert.deepEqual(await noncesOfVerified("/a"), [undefined, "n-1", "n-1"]);
      assert.deepEqual(tokens, ["access-1"]);
    });

    test("OIDC-8: a token that is refused is renewed once, and the replay has a proof for the new one (REL-18)", async () => {
      demand("n-1", "access-2");
      assert.equal(await client.send(auth, { url: at("/a"), body: "kept" }), 200);
      assert.deepEqual(tokensSent(), ["access-1", "access-1", "access-2"]);
      assert.deepEqual(await noncesOfVerified("/a"), [undefined, "n-1", "n-1"]);
      assert.deepEqual(api.seen.map(({ body }) => body), ["kept", "kept", "kept"]);
    });

    test("OIDC-8: neither token nor proof goes to a foreign origin, and its nonces are nobody's (SEC-12, SEC-46)", async () => {
      foreign.rules = () => ({ status: 401, headers: { "WWW-Authenticate": 'DPoP error="use_dpop_nonce"', "DPoP-Nonce": "theirs" } });
      assert.equal(await client.send(auth, { url: `${foreign.origin}/a`, body: "x" }), 401);
      assert.deepEqual(foreign.seen.map(({ authorization, headers }) => [authorization, headers.dpop]), [[undefined, undefined]]);
      demand("ours", "access-1");
      assert.equal(await client.send(auth, { url: at("/a"), body: "x" }), 200);
      assert.deepEqual(await noncesOfVerified("/a"), [undefined, "ours"]);
      assert.deepEqual(tokens, ["access-1"]);
    });
  });
}
