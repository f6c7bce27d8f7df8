// The public types of the other half. Compiled, never run.

import { createFingerprint, createVerifier, Unauthorized, type DpopCheck, type FingerprintOptions, type Verified, type VerifierOptions } from "hallpass/server";

// Code that was written against the contract.
declare const request: Request;
declare const options: VerifierOptions;
const verify: (request: Request) => Promise<Verified> = createVerifier(options);
const { claims, token }: Verified = await verify(request);
const subject: string | undefined = claims.sub;
const own: unknown = claims.role;

const all: VerifierOptions[] = [
  { issuer: "https://id.example.com", audience: "api", keys: new URL("https://id.example.com/jwks") },
  { issuer: "https://id.example.com", audience: ["api", "other"], keys: "https://id.example.com/jwks", algorithms: ["RS256"] as const },
  { issuer: "me", audience: "api", keys: { keys: [{ kty: "RSA", n: "…", e: "AQAB" }] }, fingerprint: true, dpop: true },
  { issuer: "me", audience: "api", keys: new Uint8Array(32), algorithms: ["HS256"], fingerprint: { claim: "fgp", cookie: "__Secure-Fgp" } },
  { issuer: "me", audience: "api", keys: (await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"])).publicKey },
  { issuer: "me", audience: "api", keys: "https://id/jwks", header: { name: "X-Access-Token", scheme: "" }, requiredClaims: ["sub"], clockToleranceSeconds: 1 },
];
const dpop: DpopCheck[] = [{ nonce: () => "n" }, { seen: (jti: string, seconds: number) => jti === String(seconds) }, { seen: async () => false, origin: "https://api.example.com" }];

const cookie: FingerprintOptions = { cookie: "Fgp", maxAgeSeconds: 60 };
const { hash, setCookie }: { hash: string; setCookie: string } = await createFingerprint(cookie);
await createFingerprint();

function answer(error: unknown): Response {
  if (!(error instanceof Unauthorized)) throw error;
  const code: string = error.code;
  if (error.code === "token_expired") console.warn(code);
  return error.response;
}

// What is only looked at: servers need not make a Request.
await createVerifier(options)({ url: "https://api.example.com/", method: "GET", headers: new Headers() });

// @ts-expect-error -- the issuer is needed
createVerifier({ audience: "api", keys: "https://id/jwks" });
// @ts-expect-error -- a number is no key
createVerifier({ issuer: "me", audience: "api", keys: 1 });
// @ts-expect-error -- there is no such option
createVerifier({ issuer: "me", audience: "api", keys: "https://id/jwks", algorithm: "RS256" });
// @ts-expect-error -- a closed list
if (answer.length === 1 && new Unauthorized("token_missing").code === "nonsense") throw new Error();

export { all, answer, dpop, hash, own, setCookie, subject, token };
