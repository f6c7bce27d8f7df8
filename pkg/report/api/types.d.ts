/// <reference lib="esnext.disposable" preserve="true" />
import type { AuthError } from "./error.js";
export interface Auth<C extends object = JwtClaims> {
    readonly session: Session<C>;
    readonly ready: Promise<Session<C>>;
    subscribe(listener: (session: Session<C>, change: Change) => void): () => void;
    token(options?: TokenOptions): Promise<string>;
    readonly fetch: typeof globalThis.fetch;
    authorization(url: string | URL, options?: TokenOptions): Promise<string | null>;
    headers(url: string | URL, options?: TokenOptions & {
        method?: string;
    }): Promise<Record<string, string> | null>;
    signIn(credentials: Record<string, unknown>): Promise<Session<C>>;
    accept(tokens: TokenSet, options?: {
        renew?: boolean;
    }): Promise<Session<C>>;
    reportActivity(): void;
    signInRedirect(request?: RedirectRequest): Promise<never>;
    signInPopup(request?: PopupRequest): Promise<Session<C>>;
    completeRedirect(url?: string | URL): Promise<RedirectResult<C> | null>;
    refresh(): Promise<Session<C>>;
    signOut(): Promise<void>;
    close(): void;
    [Symbol.dispose](): void;
}
export interface AuthOptions<C extends object = JwtClaims> {
    name?: string;
    origins?: readonly string[];
    storage?: "session" | "memory" | "local" | KeyValueStorage;
    tabs?: "separate" | "shared";
    header?: {
        name?: string;
        scheme?: string;
    };
    unauthorized?: (answer: ApiAnswer) => boolean | Promise<boolean>;
    renewFrom?: (answer: ApiAnswer) => TokenSet | null | undefined;
    allowHttp?: boolean;
    fetch?: typeof globalThis.fetch;
    provider?: Provider;
    signIn?: string | Endpoint;
    refresh?: string | RefreshEndpoint | RefreshFunction;
    signOut?: string | Endpoint | SignOutFunction;
    redirect?: RedirectOptions;
    fingerprint?: FingerprintOptions;
    schedule?: ScheduleOptions;
    limits?: LimitOptions;
    readTokens?: (body: unknown, response: Response) => TokenSet;
}
export interface Endpoint {
    url: string | URL;
    method?: string;
    encoding?: "json" | "form";
    body?: Record<string, unknown>;
    headers?: Record<string, string>;
    credentials?: RequestCredentials;
    bearer?: boolean;
    csrf?: {
        cookie: string;
        header?: string;
        field?: string;
    };
    timeoutSeconds?: number;
}
export interface RefreshEndpoint extends Endpoint {
    refreshToken?: "body" | "memory" | "cookie";
    refreshTokenField?: string;
    rejected?: (response: Response) => boolean | Promise<boolean>;
}
export type RefreshFunction = (context: {
    accessToken: string | null;
    refreshToken: string | null;
    signal: AbortSignal;
}) => Promise<TokenSet | Response | null>;
export type SignOutFunction = (context: {
    accessToken: string | null;
    refreshToken: string | null;
    signal: AbortSignal;
}) => Promise<void>;
export interface ScheduleOptions {
    leadSeconds?: number;
    jitterSeconds?: number;
    leewaySeconds?: number;
    everySeconds?: number;
    onStart?: boolean;
    softExpiryClaim?: string;
    proactive?: boolean;
}
export interface LimitOptions {
    idleSeconds?: number;
    idleWarningSeconds?: number;
    sessionSeconds?: number;
    tokenBytes?: number;
}
export interface FingerprintOptions {
    mode: "server" | "client";
    claim?: string;
    cookie?: string;
    field?: string;
}
export interface RedirectOptions {
    url: string | URL;
    accept?: readonly ("fragment-token" | "fragment-params")[];
    returnParam?: string;
    callbackUrl?: string | URL;
    stateParam?: string | null;
    maxAgeSeconds?: number;
    hardClean?: boolean;
}
export interface Provider {
    readonly kind: "oidc";
}
export interface RedirectRequest {
    returnTo?: string;
    params?: Record<string, string>;
}
export interface PopupRequest extends RedirectRequest {
    width?: number;
    height?: number;
    signal?: AbortSignal;
}
export interface KeyValueStorage {
    get(key: string): string | null | Promise<string | null>;
    set(key: string, value: string): void | Promise<void>;
    remove(key: string): void | Promise<void>;
}
export interface TokenOptions {
    minValiditySeconds?: number;
    signal?: AbortSignal;
}
export interface TokenSet {
    accessToken: string;
    profile?: Record<string, unknown> | null;
    refreshToken?: string | null;
    expiresIn?: number;
}
export type Session<C extends object = JwtClaims> = {
    readonly status: "loading";
} | {
    readonly status: "signed-in";
    readonly claims: Readonly<C> | null;
    readonly profile: Readonly<Record<string, unknown>> | null;
    readonly expiresAt: number | null;
    readonly refreshAt: number | null;
    readonly stale: boolean;
} | {
    readonly status: "signed-out";
    readonly reason: SignOutReason;
};
export type SignOutReason = "never-signed-in" | "user" | "other-tab" | "expired" | "rejected" | "idle" | "session-limit" | "fingerprint" | "storage" | "unreachable";
export type Change = {
    readonly type: "restored";
} | {
    readonly type: "signed-in";
} | {
    readonly type: "refreshed";
    readonly by: "this-tab" | "other-tab";
} | {
    readonly type: "refresh-failed";
    readonly error: AuthError;
    readonly retryAt: number | null;
} | {
    readonly type: "signed-out";
    readonly reason: SignOutReason;
} | {
    readonly type: "idle-warning";
    readonly signOutAt: number;
} | {
    readonly type: "storage-degraded";
    readonly error: AuthError;
};
export interface RedirectResult<C extends object = JwtClaims> {
    session: Session<C>;
    returnTo: string;
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
export interface DecodedToken<C extends object = JwtClaims> {
    header: {
        alg?: string;
        typ?: string;
        kid?: string;
        [parameter: string]: unknown;
    };
    claims: C;
    expiresAt: number | null;
}
export interface ApiAnswer {
    readonly url: string;
    readonly method: string;
    readonly status: number;
    readonly headers: Headers;
    text(): Promise<string>;
    json(): Promise<unknown>;
}
export type AuthErrorCode = "invalid_option" | "not_loaded" | "closed" | "core_unavailable" | "core_failed" | "malformed_token" | "token_too_large" | "signed_out" | "sign_in_rejected" | "sign_in_unavailable" | "sign_out_unavailable" | "refresh_rejected" | "refresh_unavailable" | "refresh_loop" | "invalid_response" | "callback_unsolicited" | "callback_state_mismatch" | "callback_expired" | "callback_malformed" | "callback_error" | "fingerprint_missing" | "storage_unavailable" | "provider_unavailable" | "provider_mismatch" | "popup_blocked" | "popup_closed";
