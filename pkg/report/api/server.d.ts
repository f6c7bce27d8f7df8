import type { Fingerprint, FingerprintOptions, RequestHead, Verified, VerifierOptions } from "./server-types.js";
export type { CryptoKey, DpopCheck, Fingerprint, FingerprintCheck, FingerprintOptions, JSONWebKeySet, JwtClaims, RequestHead, UnauthorizedCode, Verified, VerifierOptions, } from "./server-types.js";
export { Unauthorized, type UnauthorizedDetails } from "./server-unauthorized.js";
export declare function createVerifier(options: VerifierOptions): (request: RequestHead) => Promise<Verified>;
export declare function createFingerprint(options?: FingerprintOptions): Promise<Fingerprint>;
