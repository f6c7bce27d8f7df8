import type { Provider } from "./types.js";
export type { Provider } from "./types.js";
export interface OidcOptions {
    issuer: string | URL;
    clientId: string;
    scope?: string;
    redirectUri?: string | URL;
    postLogoutRedirectUri?: string | URL;
    params?: Record<string, string>;
    resource?: string | readonly string[];
    responseMode?: "query" | "fragment";
    metadata?: Partial<ProviderMetadata>;
    dpop?: boolean;
    maxAgeSeconds?: number;
    signOut?: "local" | "revoke" | "end-session";
    userInfo?: boolean;
}
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
export declare function oidc(options: OidcOptions): Provider;
