import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { CompactSign, createLocalJWKSet, exportSPKI, jwtVerify, SignJWT } from "jose";
import { Unauthorized } from "../src/server/index.js";
import { API, createSigner, forge, goodClaims, ISSUER, now, passes, refusalOf, refused, request, sign, verifierOf, type Signer } from "./server-world.js";

const signers = await Promise.all(["RS256", "PS256", "ES256", "ES384", "Ed25519"].map((alg) => createSigner(alg)));
const [rsa, , ec] = signers as [Signer, Signer, Signer];
const keys = { keys: signers.map(({ jwk }) => jwk) };
const verify = verifierOf(keys);

afterEach(() => {
  mock.timers.reset();
});

test("a good token passes, with its claims and itself", async () => {
  for (const signer of signers) {
    const token = await sign(signer, { role: "admin" });
    const verified = await passes(verify(request(token)));
    assert.deepEqual({ ...verified.claims }, { ...goodClaims({ role: "admin" }), exp: verified.claims.exp, iat: verified.claims.iat }, signer.alg);
    assert.equal(verified.token, token);
    assert.equal(Object.getPrototypeOf(verified.claims), null);
  }
});

test("what is only looked at: a plain object with url, method and headers does", async () => {
  await passes(verify({ url: "/", method: "GET", headers: new Headers({ authorization: `Bearer ${await sign(rsa)}` }) }));
});

test("no token, or another scheme: the challenge names no error (RFC 6750, section 3.1)", async () => {
  for (const value of [undefined, "", " ", "Basic YWRhOnB3", "Bearer", "Bearer ", "Bearerx y", "DPoP a.b.c"]) {
    const { response, code } = await refusalOf(verify(new Request(API, value === undefined ? {} : { headers: { Authorization: value } })));
    assert.equal(code, "token_missing", value);
    assert.equal(response.headers.get("WWW-Authenticate"), 'Bearer realm="hallpass"');
    assert.deepEqual(await response.json(), { error: "unauthorized", error_description: "An access token is needed." });
  }
});

test("a bad token: 401, the error of RFC 6750, nothing to keep", async () => {
  const { response } = await refused(verify(request(await sign(rsa, { exp: now() - 60 }))), "token_expired");
  assert.equal(response.status, 401);
  assert.equal(response.headers.get("WWW-Authenticate"), 'Bearer realm="hallpass", error="invalid_token", error_description="The token expired."');
  assert.equal(response.headers.get("Cache-Control"), "no-store");
  assert.equal(response.headers.get("Content-Type"), "application/json");
  assert.deepEqual(await response.json(), { error: "invalid_token", error_description: "The token expired." });
});

test("the scheme knows no case, and one token comes", async () => {
  const token = await sign(rsa);
  for (const value of [`bearer ${token}`, `BEARER ${token}`, `Bearer   ${token}  `]) await passes(verify(new Request(API, { headers: { Authorization: value } })));
  const headers = new Headers([["Authorization", `Bearer ${token}`], ["Authorization", `Bearer ${token}`]]);
  await refused(verify(new Request(API, { headers })), "malformed_token");
  await refused(verify(request(`${token} ${token}`)), "malformed_token");
});

test("another header, another scheme, the bare token", async () => {
  const token = await sign(rsa);
  const own = verifierOf(keys, { header: { name: "X-Access-Token", scheme: "" } });
  await passes(own(new Request(API, { headers: { "x-access-token": token } })));
  const { response } = await refused(own(request(token)), "token_missing");
  assert.equal(response.headers.get("WWW-Authenticate"), 'Bearer realm="hallpass"');
  const named = verifierOf(keys, { header: { scheme: "Token" } });
  await passes(named(request(token, { scheme: "Token" })));
  assert.equal((await refused(named(request(token)), "token_missing")).response.headers.get("WWW-Authenticate"), 'Token realm="hallpass"');
});

test("issuer, audience, end and required claims", async () => {
  const cases = [
    [{ iss: undefined }, "claim_missing"],
    [{ iss: `${ISSUER}/` }, "issuer_mismatch"],
    [{ iss: ISSUER.toUpperCase() }, "issuer_mismatch"],
    [{ iss: [ISSUER] }, "issuer_mismatch"],
    [{ aud: undefined }, "claim_missing"],
    [{ aud: "https://other.example.com" }, "audience_mismatch"],
    [{ aud: [] }, "audience_mismatch"],
    [{ aud: { [API]: true } }, "audience_mismatch"],
    [{ exp: undefined }, "claim_missing"],
    [{ exp: "tomorrow" }, "malformed_token"],
    [{ nbf: "yesterday" }, "malformed_token"],
  ] as const;
  for (const [changes, code] of cases) await refused(verify(request(await sign(rsa, changes))), code, JSON.stringify(changes));
  await passes(verify(request(await sign(rsa, { aud: ["https://other.example.com", API] }))));

  const strict = verifierOf(keys, { audience: ["one", "two"], requiredClaims: ["sub", "toString"] });
  await refused(strict(request(await sign(rsa, { aud: "two" }))), "claim_missing", "a claim is the token's own");
  await passes(strict(request(await sign(rsa, { aud: "two", toString: 1 }))));
});

test("clocks that are off by the tolerance, and by a second more", async () => {
  mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  for (const [tolerance, options] of [[5, {}], [0, { clockToleranceSeconds: 0 }], [300, { clockToleranceSeconds: 300 }]] as const) {
    const tolerant = verifierOf(keys, options);
    const at = (changes: object): Promise<string> => sign(rsa, changes);
    await passes(tolerant(request(await at({ exp: now() - tolerance + 1 }))));
    await refused(tolerant(request(await at({ exp: now() - tolerance }))), "token_expired");
    await passes(tolerant(request(await at({ nbf: now() + tolerance }))));
    await refused(tolerant(request(await at({ nbf: now() + tolerance + 1 }))), "token_not_active");
  }
});

test("SEC-39: what is no access token is refused, whoever signed it", async () => {
  for (const typ of [undefined, "JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"]) await passes(verify(request(await sign(rsa, {}, typ === undefined ? {} : { typ }))));
  for (const typ of ["dpop+jwt", "logout+jwt", "secevent+jwt", "JWT ", "application/jwtx", ""]) await refused(verify(request(await sign(rsa, {}, { typ }))), "token_type_mismatch", typ);
});

test("alg confusion: a public key is no secret, in whatever form it is taken for one", async () => {
  const pem = await exportSPKI(rsa.publicKey);
  const { n = "" } = rsa.jwk;
  const secrets = [pem, pem.trim(), pem.replaceAll("\n", ""), JSON.stringify(rsa.jwk), n].map((text) => Buffer.from(text)).concat(Buffer.from(n, "base64url"));
  const verifiers = [verify, verifierOf(rsa.publicKey), verifierOf({ keys: [rsa.jwk] }, { algorithms: ["RS256"] })];
  for (const secret of secrets) {
    for (const alg of ["HS256", "HS384", "HS512"]) {
      const token = await new SignJWT(goodClaims()).setProtectedHeader({ alg, kid: rsa.kid }).sign(secret);
      for (const one of verifiers) await refused(one(request(token)), "algorithm_refused", alg);
    }
  }
});

test("a shared secret: HS256 where it is allowed, and nothing else", async () => {
  const secret = crypto.getRandomValues(new Uint8Array(64));
  const hs = (alg: string, key = secret): Promise<string> => new SignJWT(goodClaims()).setProtectedHeader({ alg }).sign(key);
  const own = verifierOf(secret, { algorithms: ["HS256"] });
  await passes(own(request(await hs("HS256"))));
  await refused(own(request(await hs("HS512"))), "algorithm_refused");
  await refused(own(request(await hs("HS256", crypto.getRandomValues(new Uint8Array(64))))), "signature_invalid");
  await refused(own(request(await sign(rsa))), "algorithm_refused");
  await passes(verifierOf(secret, { algorithms: ["HS256", "HS512"] })(request(await hs("HS512"))));
  const imported = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  await passes(verifierOf(imported, { algorithms: ["HS256"] })(request(await hs("HS256"))));
});

test("a single public key is for its own algorithm", async () => {
  for (const signer of signers) {
    const own = verifierOf(signer.publicKey);
    await passes(own(request(await sign(signer))));
    for (const other of signers) if (other !== signer) await refused(own(request(await sign(other))), ["algorithm_refused", "signature_invalid"], `${signer.alg} ${other.alg}`);
  }
});

test("the allow-list", async () => {
  const narrow = verifierOf(keys, { algorithms: ["ES256"] });
  await passes(narrow(request(await sign(ec))));
  await refused(narrow(request(await sign(rsa))), "algorithm_refused");
});

test("alg none, in all spellings, with and without a signature", async () => {
  const signature = (await sign(rsa)).split(".")[2] ?? "";
  const spellings = ["none", "None", "NONE", "nOnE", "none ", " none", "no\u0000ne", "", "null", "HS256\u0000", "rs256", "RS256 ", null, 0, false, [], ["RS256"], { alg: "RS256" }];
  for (const alg of spellings) {
    for (const end of ["", signature, "AA"]) {
      await refused(verify(request(forge({ alg, kid: rsa.kid }, goodClaims(), end))), ["malformed_token", "algorithm_refused"], JSON.stringify(alg));
    }
  }
  for (const header of [{}, { typ: "JWT" }, [], null, "RS256", 1]) await refused(verify(request(forge(header, goodClaims(), signature))), "malformed_token");
});

test("kid injection: a name that nothing is looked up by", async () => {
  const own = await createSigner("RS256", "own");
  for (const kid of ["../../dev/null", "/etc/passwd", "' UNION SELECT 'x", "__proto__", "constructor", "https://evil.example/jwks", "", "RS256\u0000", "rs256", "x".repeat(5000)]) {
    await refused(verify(request(await sign({ ...own, kid }))), "unknown_key", kid);
  }
  for (const kid of [0, null, ["RS256"], { kid: "RS256" }]) await refused(verify(request(await sign(own, {}, { kid }))), ["unknown_key", "malformed_token"], JSON.stringify(kid));
  // No kid at all: each key of the algorithm is tried, and this one is not among them.
  await refused(verify(request(await sign(own, {}, { kid: undefined }))), "signature_invalid");
});

test("keys that a token brings along or points to are not looked at", async () => {
  const own = await createSigner("RS256", rsa.kid);
  const asked = mock.method(globalThis, "fetch", () => Promise.reject(new Error("it asks")));
  for (const header of [{ jwk: own.jwk }, { jku: "https://evil.example/jwks" }, { x5u: "https://evil.example/x" }, { x5c: ["AAAA"] }, { x5t: "AAAA" }, { jwk: own.jwk, jku: "http://127.0.0.1/" }]) {
    await refused(verify(request(await sign(own, {}, header))), ["signature_invalid", "malformed_token"], JSON.stringify(header));
    await refused(verify(request(await sign(own, {}, { ...header, kid: "another" }))), ["unknown_key", "malformed_token"]);
  }
  assert.equal(asked.mock.callCount(), 0);
  asked.mock.restore();
});

test("crit: what is not understood is refused, and so is an unencoded payload", async () => {
  const signature = (await sign(rsa)).split(".")[2] ?? "";
  for (const header of [{ crit: ["exp"], exp: 1 }, { crit: [] }, { crit: "b64" }, { crit: ["b64"] }, { crit: ["b64"], b64: false }, { b64: false }, { crit: ["alg"] }]) {
    await refused(verify(request(forge({ alg: "RS256", kid: "RS256", ...header }, goodClaims(), signature))), ["malformed_token", "algorithm_refused", "signature_invalid"], JSON.stringify(header));
  }
  const { privateKey } = rsa;
  const token = await new SignJWT(goodClaims()).setProtectedHeader({ alg: "RS256", kid: "RS256", crit: ["own"], own: 1 }).sign(privateKey, { crit: { own: true } });
  await refused(verify(request(token)), ["algorithm_refused", "malformed_token"]);
});

test("payloads that are no object, encrypted tokens, other serializations", async () => {
  const encoder = new TextEncoder();
  for (const payload of ["", "null", "[]", "1", '"a"', "{", `${JSON.stringify(goodClaims())}x`, "\u0000{}"]) {
    const token = await new CompactSign(encoder.encode(payload)).setProtectedHeader({ alg: "RS256", kid: "RS256" }).sign(rsa.privateKey);
    await refused(verify(request(token)), "malformed_token", payload);
  }
  for (const token of ["a", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e", "a.b.", ".b.c", "a..c", '{"payload":"","signatures":[]}', "é.b.c"]) {
    await refused(verify(request(token)), "malformed_token", token);
  }
});

test("a token is looked at up to a length", async () => {
  const token = await sign(rsa, { much: "x".repeat(20_000) });
  await refused(verify(request(token)), "token_too_large");
  await passes(verifierOf(keys, { tokenBytes: token.length })(request(token)));
  await refused(verifierOf(keys, { tokenBytes: token.length - 1 })(request(token)), "token_too_large");
  await refused(verify(request("a".repeat(10_000_000))), "token_too_large");
});

test("SEC-35: a claim named __proto__ is a claim", async () => {
  const text = `{"__proto__":{"admin":true},${JSON.stringify(goodClaims()).slice(1)}`;
  const token = await new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({ alg: "RS256", kid: "RS256" }).sign(rsa.privateKey);
  const { claims } = await passes(verify(request(token)));
  assert.equal(claims.admin, undefined);
  assert.deepEqual(Object.getOwnPropertyDescriptor(claims, "__proto__")?.value, { admin: true });
});

test("SEC-40: whatever is wrong, nothing of the token is told", async () => {
  const bad = [await sign(rsa, { exp: 1 }), await sign(rsa, { aud: "x" }), `${(await sign(rsa)).slice(0, -8)}AAAAAAAA`, await sign(await createSigner("RS256"))];
  for (const token of bad) {
    const error = await refusalOf(verify(request(token)), [token, ...token.split("."), "ada", API]);
    assert.deepEqual(Object.keys(error).sort(), ["code", "name"]);
    assert.equal(Object.getOwnPropertyDescriptor(error, "cause"), undefined, "jose's errors have the payload");
  }
});

test("the answer is made once, and an error without one is no less an error", () => {
  const error = new Unauthorized("token_expired");
  assert.equal(error.response, error.response);
  assert.deepEqual([error.name, error.message, error instanceof Error], ["Unauthorized", "The token expired.", true]);
});

/** Every way to write a byte of a text anew that is tried: another digit, none, two. */
function* mutations(text: string): Generator<string> {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (let at = 0; at < text.length; at++) {
    const [before, after] = [text.slice(0, at), text.slice(at + 1)];
    const own = digits.indexOf(text[at] ?? "");
    // Its lowest bit, its highest bit, and another alphabet's digits.
    for (const other of own === -1 ? ["A", ""] : [digits[own ^ 1], digits[own ^ 32], "", "=", "+", "."]) yield `${before}${other ?? ""}${after}`;
    yield `${before}${text[at] ?? ""}A${after}`;
  }
  for (const end of ["=", "A", ".", " ", "\t"]) yield `${text}${end}x`;
}

test("a good token, changed at any place in any way, is no good; jose alone lets other texts of the same bytes pass", async () => {
  const token = await sign(ec);
  await passes(verify(request(token)));
  let [tried, laxer] = [0, 0];
  for (const changed of mutations(token)) {
    tried++;
    await refusalOf(verify(request(changed)), [changed]);
    await jwtVerify(changed, ec.publicKey, { issuer: ISSUER, audience: API }).then(
      () => laxer++,
      () => undefined,
    );
  }
  assert.ok(tried > 1500, String(tried));
  assert.ok(laxer < 40, `${String(laxer)} texts of the same bytes`);
});

test("plain tokens: the verdicts of jose, for random claims and headers", async () => {
  mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  const known = createLocalJWKSet(keys);
  let seed = 42;
  const dice = (sides: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % sides;
  const one = <T>(...of: T[]): T => of[dice(of.length)] as T;
  const verdicts = new Map([[true, 0], [false, 0]]);
  for (let run = 0; run < 600; run++) {
    const signer = one(...signers);
    const claims = {
      ...(dice(3) === 0 && { iss: one<unknown>(ISSUER, "x", undefined, 1) }),
      ...(dice(3) === 0 && { aud: one<unknown>(API, [API, "x"], ["x"], undefined, {}) }),
      ...(dice(3) === 0 && { exp: one<unknown>(now() - 6, now() - 5, now() - 4, now(), "1", null, 1e300, -1) }),
      ...(dice(3) === 0 && { nbf: one<unknown>(now() + 4, now() + 5, now() + 6, 0, "0", null) }),
      ...(dice(3) === 0 && { iat: one<unknown>(now() + 1e6, 0, "0") }),
    } as object;
    const header = { ...(dice(4) === 0 && { typ: one("JWT", "at+jwt") }), ...(dice(4) === 0 && { kid: one(undefined, "x", "ES256") }), ...(dice(4) === 0 && { cty: "x" }) };
    const token = await sign(signer, claims, header);
    const right = await jwtVerify(token, known, { issuer: ISSUER, audience: API, clockTolerance: 5, requiredClaims: ["exp"] }).then(
      () => true,
      () => false,
    );
    const ours = await verify(request(token)).then(
      () => true,
      () => false,
    );
    assert.equal(ours, right, JSON.stringify([claims, header]));
    verdicts.set(ours, (verdicts.get(ours) ?? 0) + 1);
  }
  for (const [verdict, count] of verdicts) assert.ok(count > 80, `${String(verdict)}: ${String(count)}`);
});
