// Writes tests/vectors/server-requests.json: good and hostile requests, and what becomes of them. `hallpass/server`
// (test/server-requests.test.ts) and the crate for axum (www/axum/tests/requests.rs) are judged by it.
//
// The verdicts are written here by hand; those on Wycheproof's vectors are what the built package says, which
// test/server-wycheproof.test.ts compares with jose. Keys are new with each run, time stands still.

import { createHash, webcrypto } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { base64url, calculateJwkThumbprint, CompactSign, exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { createVerifier } from "../dist/server.js";

const vectors = join(dirname(fileURLToPath(import.meta.url)), "../../tests/vectors");
const NOW = 1_800_000_000;
const ISSUER = "https://id.example.com";
const API = "https://api.example.com";

// ── Keys ──

async function key(alg, kid = alg) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const bare = await exportJWK(publicKey);
  return { alg, kid, privateKey, publicKey, bare, jwk: { ...bare, kid, alg, use: "sig" }, thumbprint: await calculateJwkThumbprint(bare) };
}

const keys = Object.fromEntries(await Promise.all(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"].map(async (alg) => [alg, await key(alg)])));
const { RS256: rsa, ES256: ec } = keys;
const [first, second, third, stranger, encrypting, operating, renamed] = await Promise.all(["RS256", "RS256", "RS256", "RS256", "RS256", "ES256", "RS256"].map((alg, at) => key(alg, `other-${String(at)}`)));
const client = await key("ES256");
const thief = await key("ES256");
const secret = webcrypto.getRandomValues(new Uint8Array(64));

const broken = { kty: "RSA", kid: "broken", alg: "RS256" };
const same = (signer) => ({ ...signer.jwk, kid: "same" });
const set = {
  keys: [...Object.values(keys).map(({ jwk }) => jwk), { ...encrypting.jwk, use: "enc" }, { ...operating.jwk, key_ops: ["encrypt"] }, { ...renamed.jwk, alg: "RS512" }, broken],
};

// ── Tokens ──

/** `undefined` leaves a member out. */
const json = (value) => JSON.parse(JSON.stringify(value));
const good = (changes = {}) => json({ iss: ISSUER, aud: API, sub: "ada", iat: NOW, exp: NOW + 600, ...changes });
const token = (signer, changes = {}, header = {}) => new SignJWT(good(changes)).setProtectedHeader(json({ alg: signer.alg, kid: signer.kid, ...header })).sign(signer.privateKey);
const bytes = (text) => Uint8Array.from(Buffer.from(text));
const signed = (payload, header = {}, signer = rsa) => new CompactSign(typeof payload === "string" ? bytes(payload) : payload).setProtectedHeader({ alg: signer.alg, kid: signer.kid, ...header }).sign(signer.privateKey);
const part = (value) => base64url.encode(typeof value === "string" ? value : JSON.stringify(value));
const forged = (header, claims, signature) => `${part(header)}.${part(claims)}.${signature}`;
const hs = (alg, bytes, header = {}) => new SignJWT(good()).setProtectedHeader({ alg, ...header }).sign(bytes);
const hash = (text, form) => createHash("sha256").update(text).digest(form);

/** Signed as it stands: jose's builder would refuse such a header. */
async function raw(header, claims = good(), signer = rsa) {
  const text = `${part(header)}.${part(claims)}`;
  const parameters = signer.alg === "RS256" ? "RSASSA-PKCS1-v1_5" : { name: "ECDSA", hash: "SHA-256" };
  return `${text}.${base64url.encode(new Uint8Array(await webcrypto.subtle.sign(parameters, signer.privateKey, bytes(text))))}`;
}

const bound = (signer = client, changes = {}) => token(ec, { cnf: { jkt: signer.thumbprint }, ...changes });
let proofs = 0;
const proofClaims = (of, changes = {}) => json({ jti: `proof-${String(++proofs)}`, htm: "GET", htu: `${API}/me`, iat: NOW, ath: hash(of, "base64url"), ...changes });
const proof = (of, changes = {}, header = {}, signer = client) => new SignJWT(proofClaims(of, changes)).setProtectedHeader(json({ alg: signer.alg, typ: "dpop+jwt", jwk: signer.bare, ...header })).sign(signer.privateKey);
const rawProof = (of, header, changes = {}) => raw({ alg: "ES256", typ: "dpop+jwt", jwk: client.bare, ...header }, proofClaims(of, changes), client);

// ── Verifiers ──

const exact = await token(ec, { much: "x".repeat(200) });
const verifiers = {
  plain: { keys: set },
  narrow: { keys: set, algorithms: ["ES256"] },
  punctual: { keys: set, clockToleranceSeconds: 0 },
  patient: { keys: set, clockToleranceSeconds: 300 },
  strict: { keys: set, audience: ["one", "two"], requiredClaims: ["sub", "toString"] },
  exact: { keys: set, tokenBytes: exact.length },
  short: { keys: set, tokenBytes: exact.length - 1 },
  twins: { keys: { keys: [{ ...broken, kid: "same" }, { ...ec.jwk, kid: "same" }, same(first), same(second)] } },
  nameless: { keys: { keys: [first.bare, second.bare] } },
  single: { single: rsa.bare, algorithms: ["RS256"] },
  secret: { secret: base64url.encode(secret), algorithms: ["HS256"] },
  named: { keys: set, header: { scheme: "Token" } },
  bare: { keys: set, header: { name: "X-Access-Token", scheme: "" } },
  fingerprint: { keys: set, fingerprint: {} },
  ownFingerprint: { keys: set, fingerprint: { claim: "fgp", cookie: "__Secure-Own" } },
  dpop: { keys: set, dpop: { origin: API } },
  nonce: { keys: set, dpop: { origin: API, nonce: "nonce-1" } },
  both: { keys: set, fingerprint: {}, dpop: { origin: API } },
};

// ── Requests ──

const requests = [];
const row = (verifier, code, what, { method = "GET", path = "/me", ...headers }) => {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().filter((line) => line !== undefined).map((line) => [name, line]));
  requests.push({ what, verifier, code, method, path, headers: lines });
};
/** `code` null: it passes. */
const plain = (verifier, code, what, text, more = {}) => row(verifier, code, what, { Authorization: `Bearer ${text}`, ...more });

// Good ones.
for (const signer of Object.values(keys)) plain("plain", null, signer.alg, await token(signer));
plain("plain", null, "no kid, and one key of the algorithm", await token(rsa, {}, { kid: undefined }));
plain("plain", null, "several audiences", await token(rsa, { aud: ["x", API] }));
plain("plain", null, "fractions of a second", await token(rsa, { exp: NOW + 0.5, nbf: NOW - 0.5 }));
plain("plain", null, "an end beyond reckoning", await token(rsa, { exp: 1e300 }));
plain("plain", null, "iat of the future", await token(rsa, { iat: NOW + 1_000_000 }));
plain("plain", null, "a claim named __proto__", await signed(`{"__proto__":{"admin":true},${JSON.stringify(good()).slice(1)}`));
plain("plain", null, "the last of two members counts", await signed(`{"iss":"https://evil.example",${JSON.stringify(good()).slice(1)}`));
plain("plain", "issuer_mismatch", "the last of two members counts", await signed(`${JSON.stringify(good()).slice(0, -1)},"iss":"https://evil.example"}`));
for (const typ of ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"]) plain("plain", null, `typ ${typ}`, await token(ec, {}, { typ }));
for (const typ of ["dpop+jwt", "logout+jwt", "secevent+jwt", "JWT ", "application/jwtx", ""]) plain("plain", "token_type_mismatch", `typ ${JSON.stringify(typ)}`, await token(ec, {}, { typ }));
plain("plain", "token_type_mismatch", "typ 1", await raw({ alg: "RS256", kid: "RS256", typ: 1 }));

// How it comes.
row("plain", "token_missing", "nothing", {});
for (const value of ["", "Basic YWRhOnB3", "Bearer", "Bearer ", "Bearerx y", `DPoP ${await bound()}`]) row("plain", "token_missing", `Authorization ${value.slice(0, 20)}`, { Authorization: value });
for (const scheme of ["bearer", "BEARER", "Bearer  "]) row("plain", null, `scheme ${scheme}`, { Authorization: `${scheme} ${await token(ec)}` });
row("plain", "malformed_token", "two headers", { Authorization: [`Bearer ${await token(ec)}`, `Bearer ${await token(ec)}`] });
plain("plain", "malformed_token", "two tokens", `${await token(ec)} ${await token(ec)}`);
row("named", null, "another scheme", { Authorization: `Token ${await token(ec)}` });
row("named", "token_missing", "another scheme", { Authorization: `Bearer ${await token(ec)}` });
row("bare", null, "the bare token", { "X-Access-Token": await token(ec) });
row("bare", "token_missing", "the bare token", { Authorization: `Bearer ${await token(ec)}` });

// Its form.
for (const text of ["a", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e", "a.b.", ".b.c", "a..c", '{"payload":"","signatures":[]}']) plain("plain", "malformed_token", "form", text);
const [header, payload, signature] = (await token(ec)).split(".");
for (const [what, text] of [["padding", `${header}.${payload}.${signature}==`], ["a bit left over", `${header}.${payload}.${signature.slice(0, -1)}${signature.endsWith("A") ? "B" : signature.endsWith("Q") ? "R" : signature.endsWith("g") ? "h" : "x"}`], ["the other alphabet", `${header}.${payload}.+${signature.slice(1)}`], ["a line end", `${header}.${payload}.\t${signature}`]]) plain("plain", "malformed_token", what, text);
plain("plain", "malformed_token", "the longest that is looked at", "a".repeat(16_384));
plain("plain", "token_too_large", "a byte more", "a".repeat(16_385));
plain("exact", null, "as long as it may be", exact);
plain("short", "token_too_large", "a byte too long", exact);
for (const bad of ["null", "[]", "1", '"a"', "{", `${JSON.stringify(good())}x`, "\u0000{}"]) plain("plain", "malformed_token", `payload ${JSON.stringify(bad).slice(0, 20)}`, await signed(bad));
plain("plain", "malformed_token", "payload that is no UTF-8", await signed(new Uint8Array([...bytes('{"a":"'), 0xff, ...bytes(`",${JSON.stringify(good()).slice(1)}`)])));
for (const odd of ["[]", "null", '"RS256"', "1", "x", "{}", '{"typ":"JWT"}']) plain("plain", "malformed_token", `header ${odd}`, forged(odd, good(), signature));

// alg: none, confusion, others.
for (const alg of ["none", "None", "NONE", "nOnE", "none ", " none", "no\u0000ne", "null", "HS256\u0000", "rs256", "RS256 ", "ES256K", "RSA-OAEP", "ML-DSA-44"]) for (const end of ["AA", signature]) plain("plain", "algorithm_refused", `alg ${JSON.stringify(alg)}`, forged({ alg, kid: "RS256" }, good(), end));
plain("plain", "malformed_token", "alg none, no signature", forged({ alg: "none" }, good(), ""));
for (const alg of ["", null, 0, false, [], ["RS256"], { alg: "RS256" }]) plain("plain", "malformed_token", `alg ${JSON.stringify(alg)}`, forged({ alg, kid: "RS256" }, good(), signature));
const pem = await exportSPKI(rsa.publicKey);
for (const [form, taken] of Object.entries({ PEM: pem, "PEM, trimmed": pem.trim(), "JSON": JSON.stringify(rsa.jwk), modulus: base64url.decode(rsa.jwk.n) })) for (const alg of ["HS256", "HS384", "HS512"]) plain("plain", "algorithm_refused", `alg confusion: ${alg} with the public key as ${form}`, await hs(alg, typeof taken === "string" ? bytes(taken) : taken, { kid: "RS256" }));
plain("single", "algorithm_refused", "alg confusion: one key", await hs("HS256", bytes(pem)));
plain("plain", "unknown_key", "the key of another algorithm", await token(ec, {}, { kid: "RS256" }));
plain("plain", "unknown_key", "the key of the other padding", await token(keys.PS256, {}, { kid: "RS256" }));
plain("narrow", null, "on the list", await token(ec));
plain("narrow", "algorithm_refused", "not on the list", await token(rsa));
plain("single", null, "one key, whatever kid", await token(rsa, {}, { kid: "x" }));
plain("single", "algorithm_refused", "one key, another algorithm", await token(ec));
plain("single", "signature_invalid", "one key, another key", await token(stranger));
plain("secret", null, "a shared secret", await hs("HS256", secret));
plain("secret", "algorithm_refused", "a shared secret, another hash", await hs("HS512", secret));
plain("secret", "signature_invalid", "another secret", await hs("HS256", webcrypto.getRandomValues(new Uint8Array(64))));
plain("secret", "algorithm_refused", "a private key where a secret is shared", await token(rsa));
plain("secret", "algorithm_refused", "none where a secret is shared", forged({ alg: "none" }, good(), "AA"));

// kid, and keys that a token brings along.
for (const kid of ["../../dev/null", "/etc/passwd", "' UNION SELECT 'x", "__proto__", "constructor", "https://evil.example/jwks", "", "RS256\u0000", "rs256", "x".repeat(5000)]) plain("plain", "unknown_key", `kid ${JSON.stringify(kid).slice(0, 30)}`, await token(stranger, {}, { kid }));
for (const kid of [0, null, ["RS256"], { kid: "RS256" }]) plain("plain", "unknown_key", `kid ${JSON.stringify(kid)}`, await raw({ alg: "RS256", kid }));
plain("plain", "signature_invalid", "no kid, and a key that is not known", await token(stranger, {}, { kid: undefined }));
for (const more of [{ jwk: stranger.jwk }, { jku: "https://evil.example/jwks" }, { x5u: "https://evil.example/x" }, { x5c: ["AAAA"] }, { x5t: "AAAA" }]) {
  plain("plain", "signature_invalid", `${Object.keys(more)[0]} of its own`, await token(stranger, {}, { kid: "RS256", ...more }));
  plain("plain", "unknown_key", `${Object.keys(more)[0]} of its own, and a kid`, await token(stranger, {}, more));
}
plain("plain", "unknown_key", "a key for encryption", await token(encrypting));
plain("plain", "unknown_key", "a key with other operations", await token(operating));
plain("plain", "unknown_key", "a key of another algorithm", await token(renamed));
plain("plain", "keys_unavailable", "a key of ours that cannot be read", await token(stranger, {}, { kid: "broken" }));

// Several keys of one kid, or of none.
for (const signer of [first, second]) plain("twins", null, "one of several keys of one kid", await token(signer, {}, { kid: "same" }));
plain("twins", null, "the key of the other kind", await token(ec, {}, { kid: "same" }));
plain("twins", "signature_invalid", "none of several keys of one kid", await token(third, {}, { kid: "same" }));
plain("twins", "token_expired", "its key has fitted", await token(first, { exp: 1 }, { kid: "same" }));
plain("twins", "audience_mismatch", "its key has fitted", await token(second, { aud: "x" }, { kid: "same" }));
plain("twins", "unknown_key", "another kid", await token(first));
for (const signer of [first, second]) plain("nameless", null, "keys without kid", await token(signer, {}, { kid: undefined }));
plain("nameless", "signature_invalid", "none of the keys without kid", await token(third, {}, { kid: undefined }));
plain("nameless", "unknown_key", "a kid where keys have none", await token(first));

// crit.
for (const [critical, code] of [
  [{ crit: ["exp"], exp: 1 }, "algorithm_refused"],
  [{ crit: ["own"], own: 1 }, "algorithm_refused"],
  [{ crit: ["b64", "own"], b64: true }, "algorithm_refused"],
  [{ crit: [] }, "malformed_token"],
  [{ crit: null }, "malformed_token"],
  [{ crit: "b64" }, "malformed_token"],
  [{ crit: [""] }, "malformed_token"],
  [{ crit: ["b64"] }, "malformed_token"],
  [{ crit: ["b64"], b64: "no" }, "malformed_token"],
  [{ crit: ["b64"], b64: false }, "malformed_token"],
  [{ crit: ["b64"], b64: true }, null],
  [{ b64: false }, null],
]) plain("plain", code, JSON.stringify(critical), await raw({ alg: "RS256", kid: "RS256", ...critical }));

// Claims.
for (const [changes, code] of [
  [{ iss: undefined }, "claim_missing"],
  [{ iss: `${ISSUER}/` }, "issuer_mismatch"],
  [{ iss: ISSUER.toUpperCase() }, "issuer_mismatch"],
  [{ iss: [ISSUER] }, "issuer_mismatch"],
  [{ iss: null }, "issuer_mismatch"],
  [{ aud: undefined }, "claim_missing"],
  [{ aud: "https://other.example.com" }, "audience_mismatch"],
  [{ aud: [] }, "audience_mismatch"],
  [{ aud: [[API]] }, "audience_mismatch"],
  [{ aud: { [API]: true } }, "audience_mismatch"],
  [{ exp: undefined }, "claim_missing"],
  [{ exp: "tomorrow" }, "malformed_token"],
  [{ exp: String(NOW + 60) }, "malformed_token"],
  [{ exp: null }, "malformed_token"],
  [{ exp: true }, "malformed_token"],
  [{ exp: -1 }, "token_expired"],
  [{ nbf: "0" }, "malformed_token"],
  [{ iat: "0" }, "malformed_token"],
  [{ nbf: NOW + 60, exp: 1 }, "token_not_active"],
  [{ iss: "x", aud: "x", exp: 1 }, "issuer_mismatch"],
  [{ aud: "x", exp: 1 }, "audience_mismatch"],
]) plain("plain", code, JSON.stringify(changes), await token(ec, changes));
plain("strict", "claim_missing", "a claim is the token's own", await token(ec, { aud: "two" }));
plain("strict", null, "a claim is the token's own", await token(ec, { aud: "two", toString: 1 }));
plain("strict", "audience_mismatch", "none of two names", await token(ec, { toString: 1 }));

// Clocks that are off by the tolerance, and by a second more or less.
for (const [verifier, tolerance] of [["plain", 5], ["punctual", 0], ["patient", 300]]) {
  for (const [off, isGood] of [[-1, false], [0, false], [1, true]]) plain(verifier, isGood ? null : "token_expired", `exp ${String(off)} from ${String(tolerance)}`, await token(ec, { exp: NOW - tolerance + off }));
  for (const [off, isGood] of [[-1, true], [0, true], [1, false]]) plain(verifier, isGood ? null : "token_not_active", `nbf ${String(off)} from ${String(tolerance)}`, await token(ec, { nbf: NOW + tolerance + off }));
}

// Fingerprints.
const cookie = (verifier, code, what, line, userFingerprint = hash("value", "hex")) => token(ec, { userFingerprint, fgp: userFingerprint }).then((text) => plain(verifier, code, what, text, { Cookie: line }));
for (const line of ["__Host-Fgp=value", "a=b; __Host-Fgp=value;c=d", "__Host-Fgp=value; __Host-Fgp=value"]) await cookie("fingerprint", null, line, line);
await cookie("fingerprint", null, "upper case", "__Host-Fgp=value", hash("value", "hex").toUpperCase());
for (const line of [undefined, "", "Fgp=value", "__host-Fgp=value", "__Host-Fgp", "__Host-Fgp=", "x__Host-Fgp=value", "__Host-Fgp2=value", "__Secure-Fgp=value", "__Host-Fgp=value; __Host-Fgp=other", "__Host-Fgp=value, __Host-Fgp=other"]) await cookie("fingerprint", "fingerprint_missing", line ?? "no cookie", line);
for (const line of ["__Host-Fgp=Value", '__Host-Fgp="value"', "__Host-Fgp=value2", "__Host-Fgp=value=", `__Host-Fgp=${hash("value", "hex")}`]) await cookie("fingerprint", "fingerprint_mismatch", line, line);
for (const claim of ["", null, 1, [hash("value", "hex")], { hash: hash("value", "hex") }]) await cookie("fingerprint", "fingerprint_missing", `claim ${JSON.stringify(claim).slice(0, 20)}`, "__Host-Fgp=value", claim);
plain("fingerprint", "fingerprint_missing", "no claim", await token(ec), { Cookie: "__Host-Fgp=value" });
for (const claim of [hash("value", "hex").slice(1), `${hash("value", "hex")}0`, "value", "0".repeat(64)]) await cookie("fingerprint", "fingerprint_mismatch", `claim ${claim.slice(0, 20)}`, "__Host-Fgp=value", claim);
plain("fingerprint", "token_expired", "a bad token learns nothing of its fingerprint", await token(ec, { exp: 1 }));
await cookie("ownFingerprint", null, "names of one's own", "__Secure-Own=value");
await cookie("ownFingerprint", "fingerprint_missing", "names of one's own", "__Host-Own=value; Own=value");

// DPoP. A proof is good once: each row has one of its own.
const of = await bound();
const dpop = (code, what, proof, { verifier = "dpop", text = of, scheme = "DPoP", ...more } = {}) => row(verifier, code, what, { Authorization: `${scheme} ${text}`, DPoP: proof, ...more });
for (const alg of ["ES256", "ES384", "ES512", "EdDSA", "Ed25519", "RS256", "PS256"]) {
  const own = await key(alg);
  const text = await bound(own);
  dpop(null, `a proof by ${alg}`, await proof(text, {}, {}, own), { text });
}
dpop(null, "the scheme knows no case", await proof(of), { scheme: "dpop" });
row("dpop", "token_missing", "nothing", {});
dpop("proof_missing", "no proof", undefined);
dpop("token_expired", "no proof, and a bad token", undefined, { text: await bound(client, { exp: 1 }) });
dpop("key_binding_missing", "a bound token as a bearer token", await proof(of), { scheme: "Bearer" });
plain("plain", "binding_unchecked", "a bound token where nobody looks", of);
for (const cnf of [undefined, null, {}, { jkt: "" }, { jkt: 1 }, [], "x", { "x5t#S256": "x" }]) {
  const text = await token(ec, { cnf });
  dpop("key_binding_missing", `cnf ${JSON.stringify(cnf) ?? "missing"}`, await proof(text), { text });
}
dpop("key_binding_mismatch", "a thief's key", await proof(of, {}, {}, thief));
dpop("proof_invalid", "the owner's key, the thief's signature", await proof(of, {}, { jwk: client.bare }, thief));
dpop("key_binding_mismatch", "another text of the same bytes", await proof(of, {}, { jwk: { ...client.bare, x: `${client.bare.x}=` } }));
for (const changes of [
  { htm: undefined }, { htm: "POST" }, { htm: "get" }, { htm: ["GET"] },
  { htu: undefined }, { htu: "" }, { htu: "/me" }, { htu: `${API}/` }, { htu: `${API}/me/` }, { htu: `${API}/ME` }, { htu: "http://api.example.com/me" }, { htu: `${API}:444/me` },
  { htu: "https://api.example.com@evil.example/me" }, { htu: "https://user@api.example.com/me" }, { htu: "https://evil.example/me" }, { htu: [`${API}/me`] },
  { ath: undefined }, { ath: "" }, { ath: hash(`${of}x`, "base64url") }, { ath: `${hash(of, "base64url")}=` }, { ath: of }, { ath: 1 },
  { jti: undefined }, { jti: "" }, { jti: 1 }, { jti: "x".repeat(257) }, { iat: "now" }, { iat: null }, { exp: NOW - 61 }, { exp: "soon" }, { nbf: NOW + 61 }, { much: "x".repeat(4000) },
]) dpop("proof_invalid", `proof ${JSON.stringify(changes).slice(0, 60)}`, await proof(of, changes));
for (const changes of [{ htu: `${API}/me?a=b` }, { htu: `${API}/me#c` }, { htu: "HTTPS://API.example.com:443/me" }, { htu: `${API}/x/../me` }, { jti: "x".repeat(256) }, { exp: NOW - 59 }, { nonce: "one that nobody asked for" }]) dpop(null, `proof ${JSON.stringify(changes).slice(0, 60)}`, await proof(of, changes));
dpop("proof_outdated", "no iat", await proof(of, { iat: undefined }));
for (const [off, isGood] of [[-61, false], [-60, true], [-59, true], [59, true], [60, true], [61, false], [1e12, false], [-1e12, false]]) dpop(isGood ? null : "proof_outdated", `a proof from ${String(off)} s`, await proof(of, { iat: NOW + off }));
for (const method of ["POST", "HEAD", "DELETE"]) {
  dpop("proof_invalid", `${method} with a proof for GET`, await proof(of), { method });
  dpop(null, method, await proof(of, { htm: method }), { method });
}
dpop("proof_invalid", "another path", await proof(of), { path: "/other" });
dpop(null, "a query", await proof(of), { path: "/me?page=2" });
dpop("proof_invalid", "a path that looks like a host", await proof(of, { htu: "https://evil.example/me" }), { path: "//evil.example/me" });
for (const typ of [undefined, "JWT", "at+jwt", "DPoP+JWT", "application/dpop+jwt", "dpop", ""]) dpop("proof_invalid", `proof of typ ${String(typ)}`, await proof(of, {}, { typ }));
const priv = await exportJWK(client.privateKey);
for (const jwk of [undefined, null, "x", [], {}, { ...client.bare, d: priv.d }, { ...client.bare, k: "AAAA" }, { kty: "oct", k: "AAAA" }, { ...client.bare, kty: "oct" }, { ...client.bare, crv: undefined }, { kty: "EC" }]) dpop("proof_invalid", `proof with jwk ${(JSON.stringify(jwk) ?? "missing").slice(0, 20)}`, await rawProof(of, { jwk }));
for (const jwk of [{ ...client.bare, crv: "P-384" }, { kty: "RSA", n: rsa.bare.n, e: "AQAB" }]) dpop("key_binding_mismatch", `proof with jwk of ${jwk.kty} ${jwk.crv ?? ""}`, await rawProof(of, { jwk }));
for (const changes of [{ use: "enc" }, { alg: "ES384" }, { key_ops: ["sign"] }]) dpop("proof_invalid", `proof with a key for ${JSON.stringify(changes)}`, await rawProof(of, { jwk: { ...client.bare, ...changes } }));
for (const alg of ["none", "None", "", null, "HS256", "RS256", "ES256 "]) dpop("proof_invalid", `proof of alg ${JSON.stringify(alg)}`, forged({ alg, typ: "dpop+jwt", jwk: client.bare }, proofClaims(of), "AA"));
dpop("proof_invalid", "alg confusion in a proof", await new SignJWT(proofClaims(of)).setProtectedHeader({ alg: "HS256", typ: "dpop+jwt", jwk: client.bare }).sign(bytes(JSON.stringify(client.bare))));
dpop("proof_invalid", "crit in a proof", await rawProof(of, { crit: ["own"], own: 1 }));
dpop("proof_invalid", "the token as a proof", of);
for (const text of ["", "a", "a.b.c", ".."]) dpop("proof_invalid", `proof ${JSON.stringify(text)}`, text);
dpop("proof_invalid", "two proofs", [await proof(of), await proof(of)]);
const twice = await proof(of);
dpop(null, "a proof, once", twice);
dpop("proof_replayed", "a proof, twice", twice);
dpop("proof_replayed", "its jti in another proof", await proof(of, { jti: `proof-${String(proofs)}` }));
const theirs = await bound(thief);
dpop(null, "its jti by another key", await proof(theirs, { jti: `proof-${String(proofs - 1)}` }, {}, thief), { text: theirs });
dpop("nonce_needed", "no nonce", await proof(of), { verifier: "nonce" });
for (const nonce of ["", "nonce", ["nonce-1"], 1, null]) dpop("nonce_needed", `nonce ${JSON.stringify(nonce)}`, await proof(of, { nonce }), { verifier: "nonce" });
dpop(null, "the nonce", await proof(of, { nonce: "nonce-1" }), { verifier: "nonce" });
row("nonce", "token_missing", "the first answer brings the nonce along", {});
const cookied = await bound(client, { userFingerprint: hash("value", "hex") });
const unspent = await proof(cookied);
dpop("fingerprint_missing", "a proof without its cookie", unspent, { verifier: "both", text: cookied });
dpop(null, "a refused request has not used its proof", unspent, { verifier: "both", text: cookied, Cookie: "__Host-Fgp=value" });
dpop("proof_replayed", "now it is used", unspent, { verifier: "both", text: cookied, Cookie: "__Host-Fgp=value" });

// ── Wycheproof ──

const FILES = ["wycheproof-json_web_signature_test.json", "wycheproof-json_web_crypto_test.json"];
const ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

async function verdictOf(jwk, jws) {
  const isSecret = jwk.kty === "oct";
  const verdict = (error) => error.code;
  try {
    const verify = createVerifier({ issuer: ISSUER, audience: API, keys: isSecret ? base64url.decode(jwk.k ?? "") : { keys: jwk.keys ?? [jwk] }, algorithms: isSecret ? ["HS256"] : ASYMMETRIC });
    return await verify({ url: API, method: "GET", headers: new Headers({ Authorization: `Bearer ${jws}` }) }).then(() => null, verdict);
  } catch (error) {
    return verdict(error);
  }
}

const wycheproof = {};
for (const file of FILES) {
  wycheproof[file] = {};
  for (const { tests, ...group } of JSON.parse(readFileSync(join(vectors, file), "utf8")).testGroups) {
    for (const { tcId, jws } of tests) if (jws !== undefined) wycheproof[file][tcId] = await verdictOf(group.public ?? group.private, jws);
  }
}

// ── The file ──

const lines = (values) => values.map((value) => `    ${JSON.stringify(value)}`).join(",\n");
const members = (object) => Object.entries(object).map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(",\n");
writeFileSync(
  join(vectors, "server-requests.json"),
  `{
  "now": ${String(NOW)},
  "issuer": "${ISSUER}",
  "audience": "${API}",
  "verifiers": {
${members(verifiers)}
  },
  "requests": [
${lines(requests)}
  ],
  "wycheproof": {
${members(wycheproof)}
  }
}
`,
);
console.log(`${String(requests.length)} requests`);
