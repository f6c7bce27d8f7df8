import { makeFingerprint } from "./fingerprint.js";
import { readOptions } from "./read-options.js";
import type { Fingerprint, FingerprintOptions, RequestHead, Verified, VerifierOptions } from "./types.js";
import { verifyRequest } from "./verifier.js";

export type {
  CryptoKey,
  DpopCheck,
  Fingerprint,
  FingerprintCheck,
  FingerprintOptions,
  JSONWebKeySet,
  JwtClaims,
  RequestHead,
  UnauthorizedCode,
  Verified,
  VerifierOptions,
} from "./types.js";
export { Unauthorized, type UnauthorizedDetails } from "./unauthorized.js";

/**
 * Verifies the access token of a request: signature, `iss`, `aud`, `exp` and `nbf`, and, where it is switched on, the
 * fingerprint's cookie and the DPoP proof. Make one per process: it keeps the provider's keys.
 *
 * It does not know whether a session was ended meanwhile, nor what its user may do: look at the claims.
 *
 * ```js
 * import { createVerifier, Unauthorized } from "hallpass/server";
 *
 * const verify = createVerifier({
 *   issuer: "https://id.example.com",
 *   audience: "https://api.example.com",
 *   keys: "https://id.example.com/.well-known/jwks.json",
 * });
 *
 * export async function handle(request) {
 *   try {
 *     const { claims } = await verify(request);
 *     return Response.json({ hello: claims.sub });
 *   } catch (error) {
 *     if (error instanceof Unauthorized) return error.response;
 *     throw error;
 *   }
 * }
 * ```
 *
 * @throws AuthError `invalid_option`
 * @returns a function that rejects with {@link Unauthorized}, or with what `dpop.seen` or `dpop.nonce` throws
 */
export function createVerifier(options: VerifierOptions): (request: RequestHead) => Promise<Verified> {
  const settings = readOptions(options);
  return (request) => verifyRequest(request, settings);
}

/**
 * A fresh fingerprint (OWASP, token sidejacking): 32 random bytes for a cookie that no script can read, and their hash for
 * the token. At each sign-in; a refresh keeps the hash, and sets no cookie.
 *
 * ```js
 * import { createFingerprint } from "hallpass/server";
 *
 * const { hash, setCookie } = await createFingerprint();
 * const token = await sign({ sub: "ada", userFingerprint: hash });
 * return Response.json({ access_token: token }, { headers: { "Set-Cookie": setCookie } });
 * ```
 *
 * @throws AuthError `invalid_option`
 */
export function createFingerprint(options: FingerprintOptions = {}): Promise<Fingerprint> {
  return makeFingerprint(options);
}
