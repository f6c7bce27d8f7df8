import { PROVIDER } from "../provider.js";
import type { Provider } from "../types.js";
import { readOidcOptions } from "./options.js";
import { planOf } from "./side.js";

export type { Provider } from "../types.js";

/** An authorization server, and the client that it knows. */
export interface OidcOptions {
  /**
   * Exactly as the provider's metadata say it (RFC 8414, section 2); a `URL` of a bare origin loses the slash that `URL`
   * adds. https, or http on loopback.
   */
  issuer: string | URL;
  clientId: string;
  /**
   * Default `"openid"`. `offline_access` where the provider gives refresh tokens for it. Without `openid` it is plain
   * OAuth 2: there is no ID token, and no profile.
   */
  scope?: string;
  /**
   * Where the provider returns to: this page's own origin, or an app's own scheme, without a fragment. An absolute one is
   * sent as written. Default: the page in which `createAuth` is called, without query and fragment.
   */
  redirectUri?: string | URL;
  /** Where the provider returns to after `signOut`. Default: `redirectUri`. */
  postLogoutRedirectUri?: string | URL;
  /** More parameters of the authorization request: `audience`, `prompt`, `acr_values`, … Those that this package sets are refused. */
  params?: Record<string, string>;
  /** Where the access token is to be used (RFC 8707): absolute URIs. */
  resource?: string | readonly string[];
  /** Where the callback's parameters stand. Default `"query"`. */
  responseMode?: "query" | "fragment";
  /** Instead of discovery, with `authorization_endpoint` and `token_endpoint` among it; else over what discovery gives. */
  metadata?: Partial<ProviderMetadata>;
  /**
   * Sender-constrained tokens (RFC 9449), bound to a P-256 key that cannot be exported; kept in IndexedDB, or with
   * `storage: "memory"` in memory. The API must expose `DPoP-Nonce` and `WWW-Authenticate` to the page (CORS) where it
   * demands nonces. Default false.
   */
  dpop?: boolean;
  /** Longest age of the user's authentication, in whole seconds; sent as `max_age`, checked against `auth_time`. */
  maxAgeSeconds?: number;
  /**
   * What `signOut()` does at the provider after the local sign-out. Default `"revoke"` (RFC 7009); `"end-session"`: leaves
   * the page (OpenID Connect RP-Initiated Logout 1.0), after a revocation.
   */
  signOut?: "local" | "revoke" | "end-session";
  /** Adds the answer of the userinfo endpoint to `session.profile` after sign-in; its `sub` must be the ID token's. Default false. */
  userInfo?: boolean;
}

/** Metadata of an authorization server (RFC 8414, OpenID Connect Discovery 1.0), as far as they are used here. */
export interface ProviderMetadata {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  revocation_endpoint?: string;
  end_session_endpoint?: string;
  userinfo_endpoint?: string;
  pushed_authorization_request_endpoint?: string;
  require_pushed_authorization_requests?: boolean;
  authorization_response_iss_parameter_supported?: boolean;
  dpop_signing_alg_values_supported?: readonly string[];
  code_challenge_methods_supported?: readonly string[];
  [other: string]: unknown;
}

/**
 * Authorization code flow with PKCE at one provider. Pure: nothing is fetched before it is needed.
 *
 * ```js
 * const auth = createAuth({
 *   origins: ["https://api.example.com"],
 *   provider: oidc({ issuer: "https://id.example.com", clientId: "spa", scope: "openid profile offline_access" }),
 * });
 * await auth.completeRedirect();
 * const session = await auth.ready;
 * if (session.status === "signed-out") await auth.signInRedirect();
 * ```
 *
 * The ID token comes from the token endpoint over TLS, so its signature is not checked here (OpenID Connect Core 1.0,
 * section 3.1.3.7): a server that is shown one must check it.
 *
 * @throws AuthError `invalid_option`, naming the option and what would be right
 */
export function oidc(options: OidcOptions): Provider {
  const provider = { kind: "oidc" } as const;
  Object.defineProperty(provider, PROVIDER, { value: planOf(readOidcOptions(options)) });
  return Object.freeze(provider);
}
