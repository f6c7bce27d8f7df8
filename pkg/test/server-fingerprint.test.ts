import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { createFingerprint } from "../src/server/index.js";
import { API, createSigner, passes, refusalOf, refused, request, sign, verifierOf } from "./server-world.js";

const signer = await createSigner("ES256");
const keys = { keys: [signer.jwk] };
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const withCookie = (token: string, cookie: string, url?: string): Request => request(token, { headers: { Cookie: cookie }, ...(url !== undefined && { url }) });

test("SEC-22: a fingerprint is a hardened cookie of 256 bits, and its hash", async () => {
  const { hash, setCookie } = await createFingerprint();
  const [, value = ""] = /^__Host-Fgp=([0-9a-f]{64}); Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=34560000$/.exec(setCookie) ?? [];
  assert.equal(hash, sha256(value));
  assert.notEqual((await createFingerprint()).hash, hash);
  assert.match((await createFingerprint({ cookie: "Own", maxAgeSeconds: 60.5 })).setCookie, /^__Host-Own=.*; Max-Age=60$/);
  assert.match((await createFingerprint({ cookie: "__Secure-Fgp" })).setCookie, /^__Secure-Fgp=[0-9a-f]{64}; Path=\/; Secure; HttpOnly/);
  assert.match((await createFingerprint({ cookie: "__Host-Http-Fgp", maxAgeSeconds: 1e12 })).setCookie, /^__Host-Http-Fgp=.*; Max-Age=34560000$/);
});

test("SEC-23: the hash is over the text of the value, as the core has it", async () => {
  const token = await sign(signer, { userFingerprint: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" });
  await passes(verifierOf(keys, { fingerprint: true })(withCookie(token, "__Host-Fgp=abc")));
});

test("SEC-22: a token is good with its cookie, and with no other", async () => {
  const verify = verifierOf(keys, { fingerprint: true });
  const [own, other] = await Promise.all([createFingerprint(), createFingerprint()]);
  const cookieOf = ({ setCookie }: { setCookie: string }): string => setCookie.split(";")[0] ?? "";
  const token = await sign(signer, { userFingerprint: own.hash });
  await passes(verify(withCookie(token, cookieOf(own))));
  await passes(verify(withCookie(token, `a=b; ${cookieOf(own)};c=d`)));
  await passes(verify(withCookie(await sign(signer, { userFingerprint: own.hash.toUpperCase() }), cookieOf(own))));

  const { response } = await refused(verify(request(token)), "fingerprint_missing");
  assert.match(response.headers.get("WWW-Authenticate") ?? "", /^Bearer realm="hallpass", error="invalid_token", /);
  const error = await refusalOf(verify(withCookie(token, cookieOf(other))), [token, cookieOf(other).slice(11), own.hash]);
  assert.equal(error.code, "fingerprint_mismatch");
});

test("whatever is odd about cookie or claim, it is refused as one that is missing or another's", async () => {
  const verify = verifierOf(keys, { fingerprint: true });
  const token = await sign(signer, { userFingerprint: sha256("value") });
  for (const cookie of ["Fgp=value", "__host-Fgp=value", "__Host-Fgp", "__Host-Fgp=", "x__Host-Fgp=value", "__Host-Fgp2=value", "__Host-Fgp=value; __Host-Fgp=other", "__Secure-Fgp=value", ""]) {
    await refused(verify(withCookie(token, cookie)), "fingerprint_missing", cookie);
  }
  for (const cookie of ["__Host-Fgp=Value", '__Host-Fgp="value"', "__Host-Fgp=value2", "__Host-Fgp=value=", `__Host-Fgp=${sha256("value")}`]) {
    await refused(verify(withCookie(token, cookie)), "fingerprint_mismatch", cookie);
  }
  await passes(verify(withCookie(token, "__Host-Fgp=value; __Host-Fgp=value")));
  for (const userFingerprint of [undefined, "", null, 1, [sha256("value")], { hash: sha256("value") }]) {
    await refused(verify(withCookie(await sign(signer, { userFingerprint }), "__Host-Fgp=value")), "fingerprint_missing", JSON.stringify(userFingerprint));
  }
  for (const userFingerprint of [sha256("value").slice(1), `${sha256("value")}0`, "value", "0".repeat(64)]) {
    await refused(verify(withCookie(await sign(signer, { userFingerprint }), "__Host-Fgp=value")), "fingerprint_mismatch", userFingerprint);
  }
});

test("names as createAuth has them: `__Host-` before it, and on loopback http without, too", async () => {
  const token = await sign(signer, { fgp: sha256("value") });
  const named = verifierOf(keys, { fingerprint: { claim: "fgp", cookie: "Own" } });
  await passes(named(withCookie(token, "__Host-Own=value")));
  for (const url of ["http://localhost:3000/x", "http://127.0.0.1/", "http://[::1]:1/"]) {
    await passes(named(withCookie(token, "Own=value", url)));
    await refused(named(withCookie(token, "Own=value; __Host-Own=other", url)), "fingerprint_mismatch", "the hardened one counts");
  }
  for (const url of [API, "https://localhost/", "http://api.example.com/", "http://localhost.example.com/"]) await refused(named(withCookie(token, "Own=value", url)), "fingerprint_missing", url);
  const exact = verifierOf(keys, { fingerprint: { claim: "fgp", cookie: "__Secure-Own" } });
  await passes(exact(withCookie(token, "__Secure-Own=value")));
  await refused(exact(withCookie(token, "__Host-Own=value; Own=value", "http://localhost/")), "fingerprint_missing");
});

test("a token that is bad for another reason learns nothing of its fingerprint", async () => {
  const verify = verifierOf(keys, { fingerprint: true });
  await refused(verify(request(await sign(signer, { exp: 1 }))), "token_expired");
  await refused(verify(request(await sign(await createSigner("ES256"), { userFingerprint: "x" }))), "signature_invalid");
});
