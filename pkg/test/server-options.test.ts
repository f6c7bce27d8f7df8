import assert from "node:assert/strict";
import { test } from "node:test";
import { exportJWK } from "jose";
import { createFingerprint, createVerifier, type VerifierOptions } from "../src/server/index.js";
import { createSigner } from "./server-world.js";

const [rsa, ec] = await Promise.all([createSigner("RS256"), createSigner("ES256")]);
const good = { issuer: "https://id.example.com", audience: "api", keys: "https://id.example.com/jwks" };
const secret = new Uint8Array(32).fill(7);

const create = (options: unknown): unknown => createVerifier(options as VerifierOptions);

/** Refused at once, with these words, and with nothing of what was given. */
function wrong(changes: object, message: RegExp, secrets: readonly string[] = []): void {
  assert.throws(
    () => create({ ...good, ...changes }),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, "invalid_option", error.message);
      assert.match(error.message, message);
      for (const text of secrets) assert.ok(!error.message.includes(text), error.message);
      return true;
    },
  );
}

test("what is right is taken, and nothing is fetched for it", (context) => {
  const fetched = context.mock.method(globalThis, "fetch", () => Promise.reject(new Error("fetched")));
  for (const changes of [
    {},
    { keys: new URL(good.keys), audience: ["api", "other"], algorithms: ["RS256", "ES256"] },
    { keys: "http://localhost:1/jwks" },
    { keys: "http://127.0.0.1:1/jwks" },
    { keys: "http://keycloak:8080/jwks", allowHttp: true },
    { keys: { keys: [rsa.jwk, ec.jwk] }, fingerprint: true, dpop: true },
    { keys: rsa.publicKey, fingerprint: false, dpop: false, header: {} },
    { keys: secret, algorithms: ["HS256"], requiredClaims: [], clockToleranceSeconds: 300 },
    { keys: Buffer.from(secret), algorithms: ["HS256"], dpop: {}, fingerprint: {} },
    { dpop: { nonce: () => "n", seen: () => false, origin: "https://api.example.com/" }, fingerprint: { claim: "fgp", cookie: "Own" } },
    { fingerprint: undefined, dpop: undefined, algorithms: undefined, header: undefined },
  ]) {
    assert.equal(typeof create({ ...good, ...changes }), "function");
  }
  assert.equal(fetched.mock.callCount(), 0);
});

test("what is wrong is told at once, by its name and what would be right", () => {
  for (const options of [undefined, null, 1, "x", [], new URL("https://x")]) assert.throws(() => create(options), { code: "invalid_option", message: /^options must be an object/ });
  wrong({ algorithm: "RS256" }, /^options\.algorithm does not exist; options may have issuer, audience, keys, /);
  wrong({ issuer: undefined }, /^options\.issuer must be a string that is not empty, not undefined\.$/);
  wrong({ issuer: "" }, /^options\.issuer /);
  wrong({ issuer: new URL(good.issuer) }, /^options\.issuer /);
  wrong({ audience: undefined }, /^options\.audience must be an array/);
  wrong({ audience: "" }, /^options\.audience /);
  wrong({ audience: [] }, /^options\.audience must name this API at least once/);
  wrong({ audience: ["api", 1] }, /^options\.audience\[1\] must be a string that is not empty, not the number 1\.$/);
  wrong({ requiredClaims: "sub" }, /^options\.requiredClaims must be an array/);
  wrong({ requiredClaims: [""] }, /^options\.requiredClaims\[0\] /);
  wrong({ clockToleranceSeconds: 301 }, /^options\.clockToleranceSeconds must be at most 300\.$/);
  for (const value of [-1, Infinity, NaN, "5"]) wrong({ clockToleranceSeconds: value }, /^options\.clockToleranceSeconds must be a finite number/);
  wrong({ tokenBytes: "1" }, /^options\.tokenBytes /);
  wrong({ allowHttp: 1 }, /^options\.allowHttp must be true or false/);
  wrong({ header: { name: "a b" } }, /^options\.header\.name /);
  wrong({ header: { scheme: " x" } }, /^options\.header\.scheme /);
  wrong({ header: { Name: "x" } }, /^options\.header\.Name does not exist/);
  wrong({ header: {}, dpop: true }, /^options\.header cannot be chosen where options\.dpop is on/);
  wrong({ fingerprint: "yes" }, /^options\.fingerprint must be true, false or an object, not a string\.$/);
  wrong({ fingerprint: { mode: "server" } }, /^options\.fingerprint\.mode does not exist; options\.fingerprint may have claim, cookie\.$/);
  wrong({ fingerprint: { cookie: "a=b" } }, /^options\.fingerprint\.cookie /);
  wrong({ dpop: 1 }, /^options\.dpop must be true, false or an object/);
  wrong({ dpop: { nonce: "n" } }, /^options\.dpop\.nonce must be a function/);
  wrong({ dpop: { seen: new Set() } }, /^options\.dpop\.seen must be a function/);
  for (const origin of ["api.example.com", "https://api.example.com/path", "https://api.example.com?", "ftp://x", "https://user:password@api.example.com"]) wrong({ dpop: { origin } }, /^options\.dpop\.origin must be an origin such as "https:\/\/api\.example\.com"\.$/, ["password"]);
});

test("keys: each form has its rule, and none is repeated", async () => {
  for (const keys of [undefined, null, 1, true, () => secret, Symbol("x")]) wrong({ keys }, /^options\.keys must be the URL of a JSON Web Key Set, such a set, a CryptoKey or the bytes of a shared secret, not /);
  wrong({ keys: "a shared secret as a text" }, /a secret has to be bytes/, ["as a text"]);
  wrong({ keys: "/jwks" }, /no absolute URL/);
  for (const keys of ["http://id.example.com/jwks?key=hidden", "ftp://id.example.com/jwks?key=hidden", "data:application/json,hidden", "http://keycloak:8080/jwks"]) wrong({ keys }, /^options\.keys must be https, or http on localhost/, ["hidden"]);
  wrong({ keys: "http://id.example.com/jwks", allowHttp: true }, /^options\.keys must be https/);
  for (const keys of [{}, [], { keys: [] }, { keys: {} }, new ArrayBuffer(32), new Uint16Array(32)]) wrong({ keys }, /^options\.keys must be the URL .*; a set has an array of keys, and at least one\.$/);
  const { d } = await exportJWK(ec.privateKey);
  for (const key of [null, "x", {}, { kty: "oct", k: "c2VjcmV0" }, { ...ec.jwk, d }, { ...rsa.jwk, p: "c2VjcmV0" }]) wrong({ keys: { keys: [rsa.jwk, key] } }, /^options\.keys\.keys\[1\] must be a public key/, ["c2VjcmV0", d ?? ""]);
  wrong({ keys: ec.privateKey }, /^options\.keys must be the public key/);
  const oaep = await crypto.subtle.generateKey({ name: "RSA-OAEP", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }, false, ["encrypt", "decrypt"]);
  wrong({ keys: oaep.publicKey }, /usages have "verify"/);
  const sha1 = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-1" }, false, ["sign", "verify"]);
  wrong({ keys: sha1, algorithms: ["HS256"] }, /is a key for none of the algorithms/);
});

test("algorithms: HS256 with a secret and by name, asymmetric ones with public keys, none with nothing", async () => {
  wrong({ keys: secret }, /^options\.algorithms must allow HS256, HS384, HS512 by name where options\.keys is a shared secret\.$/);
  const hmac = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  wrong({ keys: hmac }, /^options\.algorithms must allow HS256 by name/);
  wrong({ keys: hmac, algorithms: ["HS512"] }, /^options\.algorithms\[0\] is none of those that options\.keys can be for: HS256\.$/);
  for (const name of ["none", "None", "", "RS256 ", "rs256", "HS256", "RS1", "RSA-OAEP", "dir"]) {
    for (const keys of [good.keys, { keys: [rsa.jwk] }, rsa.publicKey]) wrong({ keys, algorithms: ["RS256", name] }, /^options\.algorithms\[1\] is none of those that options\.keys can be for: RS256/);
  }
  wrong({ keys: secret, algorithms: ["HS256", "RS256"] }, /^options\.algorithms\[1\] is none of those that options\.keys can be for: HS256, HS384, HS512\.$/);
  wrong({ keys: ec.publicKey, algorithms: ["ES384"] }, /can be for: ES256\.$/);
  wrong({ algorithms: [] }, /^options\.algorithms must be an array of algorithms/);
  wrong({ algorithms: "RS256" }, /^options\.algorithms must be an array of algorithms/);
  wrong({ algorithms: [1] }, /^options\.algorithms\[0\] must be a text such as "RS256", not the number 1\.$/);
  for (const [bytes, algorithms, least] of [[31, ["HS256"], 32], [32, ["HS256", "HS384"], 48], [63, ["HS512"], 64], [0, ["HS256"], 32]] as const) {
    wrong({ keys: new Uint8Array(bytes), algorithms }, new RegExp(`^options\\.keys must have at least ${String(least)} bytes`));
  }
});

test("createFingerprint: likewise", async () => {
  for (const [options, message] of [
    [{ cookie: "a b" }, /^options\.cookie must be a name/],
    [{ cookie: "a; Domain=example.com" }, /^options\.cookie must be a name/],
    [{ maxAgeSeconds: -1 }, /^options\.maxAgeSeconds /],
    [{ maxAge: 1 }, /^options\.maxAge does not exist; options may have cookie, maxAgeSeconds\.$/],
    [null, /^options must be an object/],
  ] as const) {
    await assert.rejects(createFingerprint(options as object), { code: "invalid_option", message });
  }
});
