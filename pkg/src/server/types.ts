/** Of the platform, whichever types of it a project has: a browser's or Node's. */
export type CryptoKey = Extract<Awaited<ReturnType<typeof crypto.subtle.generateKey>>, { type: string }>;

/** Public keys (RFC 7517, section 5). */
export interface JSONWebKeySet {
  keys: readonly object[];
}

/** What {@link createVerifier} takes. Unknown names and wrong values throw `invalid_option` at once. */
export interface VerifierOptions {
  /** The `iss` that tokens must have, exactly as the provider writes it. */
  issuer: string;
  /** This API's name, or its names: a token must be for one of them (`aud`). */
  audience: string | string[];
  /**
   * Where the keys come from. A URL, of a JSON Web Key Set: https, or http on loopback; fetched when it is first needed,
   * kept for ten minutes, and asked again for a `kid` that is not in it, at most every thirty seconds. A set of public
   * keys, or one. Bytes: a secret that this server shares with the signer; then `algorithms` has to allow HS256.
   */
  keys: URL | string | JSONWebKeySet | CryptoKey | Uint8Array;
  /**
   * Allowed algorithms (RFC 7518, section 3.1). Default: all asymmetric ones that the keys can be for. HS256, HS384 and
   * HS512 with a secret only, and nothing else with one.
   */
  algorithms?: readonly string[];
  /**
   * Token sidejacking (OWASP): the token carries the SHA-256 of a cookie that the browser keeps, and is good with it
   * only. `true`: the claim `userFingerprint`, the cookie `Fgp`. Default `false`.
   */
  fingerprint?: boolean | FingerprintCheck;
  /** Sender-constrained tokens (RFC 9449): then no other tokens are taken. Default `false`. */
  dpop?: boolean | DpopCheck;
  /**
   * How the token travels, as in the options of `createAuth`. Default `{ name: "Authorization", scheme: "Bearer" }`; scheme
   * `""`: the bare token. With `dpop` it is fixed.
   */
  header?: { name?: string; scheme?: string };
  /** Claims that a token must have, beside `iss`, `aud` and `exp`. */
  requiredClaims?: readonly string[];
  /** How far the clocks of provider and API may be apart: 0 to 300. Default 5. */
  clockToleranceSeconds?: number;
  /** The longest token that is looked at. Default 16384, as `limits.tokenBytes` of `createAuth`. */
  tokenBytes?: number;
  /** Development: `keys` may be http on a private network (`http://keycloak:8080/…`). Default `false`. */
  allowHttp?: boolean;
}

/** Where the two halves of a fingerprint are. */
export interface FingerprintCheck {
  /** Claim with the hash. Default `"userFingerprint"`. */
  claim?: string;
  /**
   * Cookie with the value. A name without a prefix gets `__Host-` before it, and on loopback http it counts as it stands,
   * too, as `createAuth` has it in `"client"` mode. Default `"Fgp"`, so `"__Host-Fgp"`.
   */
  cookie?: string;
}

/** What is asked of a proof (RFC 9449, section 4.3), beyond what is always asked. */
export interface DpopCheck {
  /**
   * The nonce of now: proofs must have it, or the one before. A text that changes every few minutes, the same in every
   * process of the server. A proof without it is answered with `use_dpop_nonce` and the nonce, and comes again.
   */
  nonce?: () => string;
  /**
   * Whether this `jti` was seen before; if not, it is remembered for so many seconds. For servers of several processes:
   * a store that all of them share. Default: the memory of this process. What it throws comes through.
   */
  seen?: (jti: string, seconds: number) => boolean | Promise<boolean>;
  /** What clients call this server (`"https://api.example.com"`), where something stands before it. Default: the request's own. */
  origin?: string;
}

/** What the verifier reads of a request. Every `Request` has it. */
export type RequestHead = Pick<Request, "headers" | "method" | "url">;

/** A request that may pass. */
export interface Verified {
  /** The token's payload. A null-prototype object. */
  claims: JwtClaims;
  /** The token itself, to ask another API with. */
  token: string;
}

/** The claims of an access token (RFC 7519, RFC 9068), verified. */
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

/** The stable `code` of an `Unauthorized`. */
export type UnauthorizedCode =
  | "token_missing"
  | "token_too_large"
  | "malformed_token"
  | "algorithm_refused"
  | "unknown_key"
  | "signature_invalid"
  | "token_type_mismatch"
  | "token_expired"
  | "token_not_active"
  | "issuer_mismatch"
  | "audience_mismatch"
  | "claim_missing"
  | "fingerprint_missing"
  | "fingerprint_mismatch"
  | "binding_unchecked"
  | "key_binding_missing"
  | "key_binding_mismatch"
  | "proof_missing"
  | "proof_invalid"
  | "proof_outdated"
  | "proof_replayed"
  | "nonce_needed"
  | "keys_unavailable";

/** What {@link createFingerprint} takes. */
export interface FingerprintOptions {
  /** Cookie name; without a prefix it gets `__Host-` before it. Default `"Fgp"`, so `"__Host-Fgp"`. */
  cookie?: string;
  /** How long the browser keeps the cookie. Default 400 days, and no browser keeps one longer. */
  maxAgeSeconds?: number;
}

/** A fresh fingerprint. */
export interface Fingerprint {
  /** SHA-256 of the cookie's value, in hex: for the token's claim, at sign-in and at each refresh. */
  hash: string;
  /** The `Set-Cookie` line: for the answer to the sign-in. */
  setCookie: string;
}
