export type CryptoKey = Extract<Awaited<ReturnType<typeof crypto.subtle.generateKey>>, {
    type: string;
}>;
export interface JSONWebKeySet {
    keys: readonly object[];
}
export interface VerifierOptions {
    issuer: string;
    audience: string | string[];
    keys: URL | string | JSONWebKeySet | CryptoKey | Uint8Array;
    algorithms?: readonly string[];
    fingerprint?: boolean | FingerprintCheck;
    dpop?: boolean | DpopCheck;
    header?: {
        name?: string;
        scheme?: string;
    };
    requiredClaims?: readonly string[];
    clockToleranceSeconds?: number;
    tokenBytes?: number;
    allowHttp?: boolean;
}
export interface FingerprintCheck {
    claim?: string;
    cookie?: string;
}
export interface DpopCheck {
    nonce?: () => string;
    seen?: (jti: string, seconds: number) => boolean | Promise<boolean>;
    origin?: string;
}
export type RequestHead = Pick<Request, "headers" | "method" | "url">;
export interface Verified {
    claims: JwtClaims;
    token: string;
}
export interface JwtClaims {
    iss?: string;
    sub?: string;
    aud?: string | string[];
    exp?: number;
    nbf?: number;
    iat?: number;
    jti?: string;
    [claim: string]: unknown;
}
export type UnauthorizedCode = "token_missing" | "token_too_large" | "malformed_token" | "algorithm_refused" | "unknown_key" | "signature_invalid" | "token_type_mismatch" | "token_expired" | "token_not_active" | "issuer_mismatch" | "audience_mismatch" | "claim_missing" | "fingerprint_missing" | "fingerprint_mismatch" | "binding_unchecked" | "key_binding_missing" | "key_binding_mismatch" | "proof_missing" | "proof_invalid" | "proof_outdated" | "proof_replayed" | "nonce_needed" | "keys_unavailable";
export interface FingerprintOptions {
    cookie?: string;
    maxAgeSeconds?: number;
}
export interface Fingerprint {
    hash: string;
    setCookie: string;
}
