import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { afterEach, mock, test } from "node:test";
import { exportJWK, SignJWT } from "jose";
import type { DpopCheck } from "../src/server/index.js";
import { createReplays } from "../src/server/replays.js";
import { API, ath, boundTo, createClient, createSigner, dpopRequest, forge, ISSUER, now, passes, prove, refusalOf, refused, request, sign, URL_OF_API, verifierOf } from "./server-world.js";

const signer = await createSigner("RS256");
const client = await createClient();
const token = await sign(signer, { ...boundTo(client), exp: 2_000_000_000 });
const keys = { keys: [signer.jwk] };
const verifier = (dpop: true | DpopCheck = true): ReturnType<typeof verifierOf> => verifierOf(keys, { dpop });
const verify = verifier();

afterEach(() => {
  mock.timers.reset();
});

test("RFC 9449: a bound token passes with a proof of its key, for each kind of key", async () => {
  for (const alg of ["ES256", "ES384", "Ed25519", "RS256", "PS256"]) {
    const own = await createClient(alg);
    const bound = await sign(signer, boundTo(own));
    const { claims } = await passes(verify(dpopRequest(bound, await prove(own, bound))));
    assert.deepEqual(claims.cnf, { jkt: own.thumbprint });
  }
  await passes(verify(dpopRequest(token, await prove(client, token), { scheme: "dpop" })));
});

test("the challenge names the scheme and the algorithms (RFC 9449, section 7.1)", async () => {
  const { response } = await refused(verify(new Request(URL_OF_API)), "token_missing");
  assert.equal(response.headers.get("WWW-Authenticate"), 'DPoP realm="hallpass", algs="RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519"');
  const missing = await refused(verify(dpopRequest(token, undefined)), "proof_missing");
  assert.match(missing.response.headers.get("WWW-Authenticate") ?? "", /^DPoP realm="hallpass", error="invalid_dpop_proof", error_description="[^"]+", algs="[^"]+"$/);
  const expired = await refused(verify(dpopRequest(await sign(signer, { ...boundTo(client), exp: 1 }), undefined)), "token_expired");
  assert.match(expired.response.headers.get("WWW-Authenticate") ?? "", /^DPoP realm="hallpass", error="invalid_token", /);
});

test("no downgrade: a bound token is no bearer token, and an unbound one no DPoP token", async () => {
  const proof = await prove(client, token);
  const { response } = await refused(verify(request(token, { headers: { DPoP: proof } })), "key_binding_missing");
  assert.match(response.headers.get("WWW-Authenticate") ?? "", /^DPoP .*error="invalid_token"/);
  await refused(verifierOf(keys)(request(token)), "binding_unchecked");
  await refused(verifierOf(keys)(dpopRequest(token, proof)), "token_missing");
  for (const cnf of [undefined, null, {}, { jkt: "" }, { jkt: 1 }, [], "x", { "x5t#S256": "x" }]) {
    const unbound = await sign(signer, { cnf });
    await refused(verify(dpopRequest(unbound, await prove(client, unbound))), "key_binding_missing", JSON.stringify(cnf));
  }
});

test("another key than the token's is refused before its signature is looked at", async () => {
  const thief = await createClient();
  await refused(verify(dpopRequest(token, await prove(thief, token))), "key_binding_mismatch");
  await refused(verify(dpopRequest(token, await prove({ ...thief, jwk: client.jwk }, token))), "proof_invalid", "the owner's key, the thief's signature");
  const mine = await sign(signer, boundTo(thief));
  await refused(verify(dpopRequest(token, await prove(thief, mine))), "key_binding_mismatch");
  const changed = { ...client.jwk, x: `${(client.jwk.x ?? "").slice(0, -1)}_` };
  await refused(verify(dpopRequest(token, await prove({ ...client, jwk: changed }, token))), "key_binding_mismatch", "another text of the same bytes");
});

test("a proof is for this request: method, address, token", async () => {
  const cases = [
    { htm: undefined }, { htm: "POST" }, { htm: "get" }, { htm: ["GET"] },
    { htu: undefined }, { htu: "" }, { htu: "/me" }, { htu: `${API}/` }, { htu: `${URL_OF_API}/` }, { htu: `${API}/ME` }, { htu: URL_OF_API.replace("https", "http") },
    { htu: `${API}:444/me` }, { htu: "https://api.example.com@evil.example/me" }, { htu: "https://user@api.example.com/me" }, { htu: "https://evil.example/me" }, { htu: [URL_OF_API] },
    { ath: undefined }, { ath: "" }, { ath: ath(`${token}x`) }, { ath: `${ath(token)}=` }, { ath: token }, { ath: 1 },
    { jti: undefined }, { jti: "" }, { jti: 1 }, { jti: "x".repeat(257) },
  ];
  for (const changes of cases) await refused(verify(dpopRequest(token, await prove(client, token, changes))), "proof_invalid", JSON.stringify(changes));
  for (const iat of [undefined, "now", null]) await refused(verify(dpopRequest(token, await prove(client, token, { iat }))), ["proof_outdated", "proof_invalid"]);
  for (const method of ["POST", "HEAD", "PUT", "DELETE"]) {
    await refused(verify(dpopRequest(token, await prove(client, token), { method })), "proof_invalid", method);
    await passes(verify(dpopRequest(token, await prove(client, token, { htm: method }), { method })));
  }
});

test("query and fragment count neither here nor there, and addresses are compared as addresses", async () => {
  for (const htu of [`${URL_OF_API}?a=b`, `${URL_OF_API}#c`, "HTTPS://API.example.com:443/me", `${API}/x/../me`]) await passes(verify(dpopRequest(token, await prove(client, token, { htu }))));
  await passes(verify(dpopRequest(token, await prove(client, token), { url: `${URL_OF_API}?page=2` })));
  await refused(verify(dpopRequest(token, await prove(client, token), { url: `${API}/other` })), "proof_invalid");
});

test("behind something that changes the address: `origin` is what clients call it", async () => {
  const behind = verifier({ origin: API });
  await passes(behind(dpopRequest(token, await prove(client, token), { url: "http://10.0.0.7:3000/me" })));
  await refused(verify(dpopRequest(token, await prove(client, token), { url: "http://10.0.0.7:3000/me" })), "proof_invalid");
  await refused(behind(dpopRequest(token, await prove(client, token, { htu: "http://10.0.0.7:3000/me" }), { url: "http://10.0.0.7:3000/me" })), "proof_invalid");
  // A path that looks like a host stays a path.
  await refused(behind(dpopRequest(token, await prove(client, token, { htu: "https://evil.example/me" }), { url: "http://10.0.0.7//evil.example/me" })), "proof_invalid");
});

test("age: sixty seconds either way", async () => {
  mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  for (const [off, good] of [[-61, false], [-60, true], [0, true], [60, true], [61, false], [1e12, false], [-1e12, false]] as const) {
    const proof = await prove(client, token, { iat: now() + off });
    await (good ? passes(verify(dpopRequest(token, proof))) : refused(verify(dpopRequest(token, proof)), "proof_outdated", String(off)));
  }
  // What such a proof says of itself holds, too.
  await refused(verify(dpopRequest(token, await prove(client, token, { exp: now() - 61 }))), "proof_invalid");
});

test("a proof is good once: also for another token of the key, also at the end of its time, and not after a refusal", async () => {
  mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  const proof = await prove(client, token, { iat: now() + 60 });
  await passes(verify(dpopRequest(token, proof)));
  for (let waited = 0; waited < 120; waited += 40) {
    await refused(verify(dpopRequest(token, proof)), "proof_replayed");
    mock.timers.tick(40_000);
  }
  await refused(verify(dpopRequest(token, proof)), "proof_replayed");
  mock.timers.tick(1_000);
  await refused(verify(dpopRequest(token, proof)), "proof_outdated");

  const once = await Promise.allSettled(Array.from({ length: 20 }, () => verify(dpopRequest(token, again))));
  assert.equal(once.filter(({ status }) => status === "fulfilled").length, 1, "at the same moment, too");
  const [other, jti] = [await createClient(), "chosen-by-both"];
  const theirs = await sign(signer, boundTo(other));
  await passes(verify(dpopRequest(token, await prove(client, token, { jti }))));
  await passes(verify(dpopRequest(theirs, await prove(other, theirs, { jti }))));
  await refused(verify(dpopRequest(theirs, await prove(other, theirs, { jti }))), "proof_replayed");

  const bound = verifierOf(keys, { dpop: true, fingerprint: true });
  const fingerprinted = await sign(signer, { ...boundTo(client), userFingerprint: "x", exp: now() + 600 });
  const unused = await prove(client, fingerprinted);
  for (let run = 0; run < 2; run++) await refused(bound(dpopRequest(fingerprinted, unused)), "fingerprint_missing");
});
test("the memory of this process: at least so long, for texts of any moment, and not for ever", () => {
  mock.timers.enable({ apis: ["Date"], now: 0 });
  const seen = createReplays(100);
  assert.deepEqual([seen("first"), seen("first")], [false, true]);
  mock.timers.tick(99_000);
  assert.deepEqual([seen("late"), seen("first")], [false, true]);
  mock.timers.tick(2_000);
  assert.deepEqual([seen("next"), seen("late"), seen("first")], [false, true, true]);
  mock.timers.tick(97_000);
  assert.equal(seen("late"), true, "ninety-nine seconds later");
  mock.timers.tick(300_000);
  assert.deepEqual([seen("late"), seen("next")], [false, false]);
});

const again = await prove(client, token, { iat: 1_800_000_121 });

test("what was seen is remembered by a store of one's own: `jti`, and for how long", async () => {
  mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  const store = new Map<string, number>();
  const shared = verifier({
    seen: async (jti, seconds) => {
      const known = store.has(jti);
      store.set(jti, seconds);
      return known;
    },
  });
  for (const [jti, off, seconds] of [["a", 0, 61], ["b", 60, 121], ["c", -60, 1]] as const) {
    const proof = await prove(client, token, { jti, iat: now() + off });
    await passes(shared(dpopRequest(token, proof)));
    assert.equal(store.get(jti), seconds);
    await refused(shared(dpopRequest(token, proof)), "proof_replayed");
  }
  await refused(shared(dpopRequest(token, await prove(client, token, { jti: "d", htm: "POST" }))), "proof_invalid");
  assert.equal(store.has("d"), false, "only what passes is noted");
  const broken = new Error("the store is down");
  await assert.rejects(verifier({ seen: () => Promise.reject(broken) })(dpopRequest(token, await prove(client, token))), broken);
});

test("a nonce of the server: asked for, given along, the one before is good, older ones are not (RFC 9449, section 9)", async () => {
  let nonce = "nonce-1";
  const asking = verifier({ nonce: () => nonce });
  const { response } = await refused(asking(dpopRequest(token, await prove(client, token))), "nonce_needed");
  assert.match(response.headers.get("WWW-Authenticate") ?? "", /^DPoP realm="hallpass", error="use_dpop_nonce", /);
  assert.equal(response.headers.get("DPoP-Nonce"), "nonce-1");
  await passes(asking(dpopRequest(token, await prove(client, token, { nonce }))));
  nonce = "nonce-2";
  await passes(asking(dpopRequest(token, await prove(client, token, { nonce: "nonce-1" }))));
  await passes(asking(dpopRequest(token, await prove(client, token, { nonce }))));
  nonce = "nonce-3";
  const late = await refused(asking(dpopRequest(token, await prove(client, token, { nonce: "nonce-1" }))), "nonce_needed");
  assert.equal(late.response.headers.get("DPoP-Nonce"), "nonce-3");
  for (const odd of ["", "nonce", ["nonce-3"], 3, null, true]) await refused(asking(dpopRequest(token, await prove(client, token, { nonce: odd }))), "nonce_needed");
  assert.equal((await refused(asking(new Request(API)), "token_missing")).response.headers.get("DPoP-Nonce"), "nonce-3", "the first answer brings it along");
  for (const bad of ["", 'a"b', "a b", "a\r\nSet-Cookie: x", undefined]) {
    nonce = bad as string;
    await assert.rejects(asking(dpopRequest(token, await prove(client, token, { nonce: "nonce-3" }))), { code: "invalid_option" });
  }
});

test("the form of a proof: type, algorithm, key", async () => {
  for (const typ of [undefined, "JWT", "at+jwt", "DPoP+JWT", "application/dpop+jwt", "dpop", "", 1]) {
    await refused(verify(dpopRequest(token, await prove(client, token, {}, { typ }))), "proof_invalid", String(typ));
  }
  const exported = await exportJWK(client.privateKey);
  const rsa = await createClient("RS256");
  for (const jwk of [undefined, null, "x", [], {}, { ...client.jwk, d: exported.d }, { ...client.jwk, k: "AAAA" }, { kty: "oct", k: "AAAA" }, { ...client.jwk, kty: "oct" }, { ...client.jwk, crv: undefined }, { kty: "EC" }]) {
    await refused(verify(dpopRequest(token, await prove(client, token, {}, { jwk }))), "proof_invalid", JSON.stringify(jwk));
  }
  for (const jwk of [{ ...client.jwk, crv: "P-384" }, { kty: "RSA", n: rsa.jwk.n, e: "AQAB" }]) {
    await refused(verify(dpopRequest(token, await prove(client, token, {}, { jwk }))), "key_binding_mismatch");
  }
  for (const changes of [{ use: "enc" }, { alg: "ES384" }, { key_ops: ["sign"] }]) {
    await refused(verify(dpopRequest(token, await prove({ ...client, jwk: { ...client.jwk, ...changes } }, token))), "proof_invalid", JSON.stringify(changes));
  }
  const claims = { jti: "x", htm: "GET", htu: URL_OF_API, iat: now(), ath: ath(token) };
  const header = { typ: "dpop+jwt", jwk: client.jwk };
  for (const alg of ["none", "None", "", null, "HS256", "RS256", "ES256 "]) {
    for (const end of ["", "AA"]) await refused(verify(dpopRequest(token, forge({ ...header, alg }, claims, end))), "proof_invalid", String(alg));
  }
  // The public key as a secret; the token as a proof, the proof as a token.
  const secret = new TextEncoder().encode(JSON.stringify(client.jwk));
  await refused(verify(dpopRequest(token, await new SignJWT(claims).setProtectedHeader({ ...header, alg: "HS256" }).sign(secret))), "proof_invalid");
  await refused(verify(dpopRequest(token, token)), "proof_invalid");
  const proof = await prove(client, token, { iss: ISSUER, aud: API, exp: now() + 60 });
  await refused(verify(dpopRequest(proof, proof)), ["unknown_key", "signature_invalid"]);
});

test("one proof, of a length", async () => {
  const proofs = [await prove(client, token), await prove(client, token)];
  const headers = new Headers({ Authorization: `DPoP ${token}` });
  for (const proof of proofs) headers.append("DPoP", proof);
  await refused(verify(new Request(URL_OF_API, { headers })), "proof_invalid");
  await refused(verify(dpopRequest(token, await prove(client, token, { much: "x".repeat(4000) }))), "proof_invalid");
  await refused(verify(dpopRequest(token, "")), "proof_invalid");
  for (const text of ["a", "a.b.c", "..", "x".repeat(1_000_000)]) await refused(verify(dpopRequest(token, text)), "proof_invalid");
});

test("a good proof, changed at any place, is no good, and nothing of it is told (SEC-40)", async () => {
  const proof = await prove(client, token);
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  let tried = 0;
  for (let at = 0; at < proof.length; at++) {
    const own = digits.indexOf(proof[at] ?? "");
    for (const other of own === -1 ? ["A"] : [digits[own ^ 1], digits[own ^ 32], ""]) {
      const changed = `${proof.slice(0, at)}${other ?? ""}${proof.slice(at + 1)}`;
      const { code } = await refusalOf(verify(dpopRequest(token, changed)), [token, changed]);
      assert.ok(["proof_invalid", "key_binding_mismatch"].includes(code), code);
      tried++;
    }
  }
  assert.ok(tried > 1200, String(tried));
  await passes(verify(dpopRequest(token, proof)));
});

test("random claims where a proof's should stand: a refusal, never anything else", async () => {
  const odd = [undefined, null, 0, -1, Infinity, "", "x", [], {}, true, randomBytes(8).toString("hex"), "\u0000", "💥", "__proto__"];
  for (const name of ["jti", "htm", "htu", "iat", "ath", "nonce", "exp", "nbf", "iss"]) {
    for (const value of odd) {
      const verdict = await verify(dpopRequest(token, await prove(client, token, { [name]: value }))).then(
        () => "accepted",
        (error: unknown) => (error as { code: string }).code,
      );
      const harmless = ["nonce", "iss", "exp", "nbf"].includes(name) || (name === "jti" && typeof value === "string" && value !== "");
      assert.ok(verdict === "accepted" ? harmless : verdict.startsWith("proof_"), `${name}: ${String(value)}: ${verdict}`);
    }
  }
});
