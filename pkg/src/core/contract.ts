/**
 * The contract with the Rust core: what `generated/core.js` exports, written out, so that nothing else
 * here depends on generated types.
 */

import type { StorageKeys } from "../options/storage-keys.js";

/** The exports of the core's module, once it is instantiated. */
export interface CoreModule {
  /** Tells the core how to make real `AuthError`s, and objects from JSON. Once, before anything else. */
  install(makeError: MakeError, parse: (json: string) => object): void;
  /**
   * The text of `{ header: object; claims: object; expiresAt?: number }`; without `expiresAt` where the token names none.
   *
   * @throws AuthError
   */
  decodeToken(token: string, maxBytes: number): string;
  /** `options`: `CoreOptions` as JSON. */
  Core: new (options: string, host: Host) => Core;
}

export type MakeError = (
  code: string,
  message: string,
  retryable: boolean,
  status: number | undefined,
  cause: unknown,
  oauthError?: string,
  answer?: string,
) => Error;

/** One session manager in the core. */
export interface Core {
  /**
   * Reads the store, then calls `host.onChange`. Once; calls that came before it wait, and are in the first session.
   * `isRestarted`: the core before this one broke, and the application was shown a session.
   */
  start(isRestarted: boolean): void;
  /**
   * The access token where it is good for so long from now (default: the leeway), one object for as long as it
   * stays. `undefined`: ask `token`.
   */
  current(minValidityMs?: number): Token | undefined;
  /**
   * It is of the session in which this was called, or of the first one where that is not known yet.
   * @throws AuthError signed_out | refresh_unavailable | refresh_loop.
   */
  token(minValidityMs?: number): Promise<Token>;
  /** May this parsed URL carry the token? The parts of a WHATWG URL object, `protocol` with its colon. */
  allows(protocol: string, host: string, pathname: string): boolean;
  /** "include" where a fingerprint or a cookie-held refresh token needs cookies on allowed origins. Never changes. */
  readonly credentials: "include" | undefined;
  /**
   * An answer to a request that carried the token `text` of `session`: resolves with the token to replay the
   * request with, once, or with `undefined` where the answer shall stand. Never rejects.
   */
  recover(status: number, wwwAuthenticate: string | null, text: string, session: string): Promise<Token | undefined>;
  /** `credentials`: a JSON object. */
  signIn(credentials: string): Promise<void>;
  accept(tokens: unknown): Promise<void>;
  /**
   * Goes on with the session that is there. `session`: the one in whose answer the tokens were found; they renew no other
   * one, and not where they are no newer.
   */
  renew(tokens: unknown, session?: string): Promise<void>;
  /** Remembers the pending sign-in and gives the URL to go to. `page` = location.href. */
  startRedirect(page: string, returnTo: string | undefined, params: object | undefined): string;
  /**
   * `fragment`: the callback's parameters, raw, or `null` where the URL was no callback. `pending`: the popup's, which is
   * remembered by its opener alone.
   */
  completeRedirect(fragment: string | null, pending?: string): Promise<{ returnTo: string; reload: boolean } | null>;
  refresh(): Promise<void>;
  signOut(): Promise<void>;
  /** A person did something that the page cannot see. */
  reportActivity(): void;
  /** The application is in front again: looks at clock and store, as after the page's own events. */
  wake(): void;
  close(): void;

  // ── with a provider ──

  /**
   * Checks a metadata document (RFC 8414), and gives it as the other methods take it: JSON, with nothing in it but what is used.
   * @throws AuthError provider_unavailable | provider_mismatch
   */
  providerMetadata(document: string): string;
  /**
   * What to ask for, and of whom. The pending sign-in is remembered, but for a popup's: that is in the answer.
   * @throws AuthError invalid_option | storage_unavailable
   */
  authorize(request: AuthorizationRequest): AuthorizationOrder;
  /**
   * Where to go after a pushed request (RFC 9126) was answered so.
   * @throws AuthError sign_in_rejected | sign_in_unavailable | invalid_response
   */
  pushedUrl(metadata: string, status: number, body: string): string;
  /** What the signature of a proof is made over (RFC 9449). `x`, `y`: of the public key, base64url. */
  proof(method: string, url: string, x: string, y: string, accessToken: string | null, nonce: string | null): string;
  /** RFC 7638. */
  thumbprint(x: string, y: string): string;
  /** The form to post to the revocation endpoint (RFC 7009). */
  revocation(accessToken: string | null, refreshToken: string | null): string;
  /** Where to go to end the session at the provider; remembers that this tab comes back from there. */
  endSessionUrl(metadata: string, idToken: string | null): string;
  /** The key of this name is gone, and with it the use of the session's tokens: it ends with the reason `storage`. */
  keyLost(name: string): void;
  /** A key could be kept in memory only: told as `storage-degraded`. */
  keyInMemory(): void;
}

/** A sign-in at the provider that is about to begin. */
export interface AuthorizationRequest {
  metadata: string;
  /** `location.href`. */
  page: string;
  returnTo?: string;
  params?: object;
  keyName: string | null;
  keyThumbprint: string | null;
  isPopup: boolean;
}

/** How to begin it. */
export interface AuthorizationOrder {
  /** Where to go, unless the request is to be pushed. */
  url: string;
  /** The form of a pushed authorization request, or `null`. */
  pushed: string | null;
  /** A popup's pending sign-in, for `completeRedirect`. */
  pending: string | null;
  state: string;
}

/** An access token, and the name of the session that it belongs to: what comes back of it counts in no other one. */
export interface Token {
  readonly text: string;
  readonly session: string;
  /** The name of the key that it is bound to (RFC 9449); missing where it is a bearer token. */
  readonly key?: string;
}

/** What the core calls back. */
export interface Host extends Functions {
  /** Sends everything: the application's own, or the platform's. */
  readonly fetch: typeof globalThis.fetch;
  /** After every change, never while the core is borrowed. `change` is null where only the snapshot moved. */
  onChange(session: object, change: object | null): void;
  /** Aborted where the core breaks: a core that is gone cannot give a lock back. */
  readonly broken: AbortSignal;
}

/** Functions of the application, which pass through unchanged. */
export interface Functions {
  readTokens?: (body: unknown, response: Response) => unknown;
  rejected?: (response: Response) => boolean | Promise<boolean>;
  refresh?: (context: HostContext) => Promise<unknown>;
  signOut?: (context: HostContext) => Promise<void>;
  storage?: {
    get(key: string): unknown;
    set(key: string, value: string): unknown;
    remove(key: string): unknown;
  };
  provider?: ProviderFunctions;
}

/** What the core cannot do itself at a provider. */
export interface ProviderFunctions {
  /**
   * Posts a form to the token endpoint, with a proof where `key` names one; an answer that asks for another nonce is
   * answered once. Rejects with an AuthError `provider_unavailable` | `provider_mismatch` where the endpoint is not known,
   * or with anything where the network fails.
   */
  token(form: string, key: string | null, signal: AbortSignal): Promise<Response>;
  /** The answer of the userinfo endpoint, or `null` where it is not wanted or not to be had: it says so itself. */
  userInfo(accessToken: string, key: string | null, signal: AbortSignal): Promise<string | null>;
  /** Revokes, and leaves the page for the end-session endpoint where the user asked for a sign-out and that is wanted. */
  signOut(context: ProviderSignOut): Promise<void>;
  /** The key of the session that stands from now on, or `null`; `before` is not needed any more. */
  keyChanged(now: string | null, before: string | null): void;
}

/** A session that was. */
export interface ProviderSignOut extends HostContext {
  idToken: string | null;
  /** Not where it ended by itself. */
  isAsked: boolean;
}

export interface HostContext {
  accessToken: string | null;
  refreshToken: string | null;
  signal: AbortSignal;
}

/**
 * Options as the core takes them, which is `Config` in `src/config.rs`: plain data without prototypes, checked, with every
 * default filled in and `null` for what is not wanted, URLs absolute, functions replaced by a word.
 */
export interface CoreOptions {
  keys: StorageKeys;
  origins: CoreOrigin[];
  header: CoreHeader;
  storage: "session" | "memory" | "local" | "custom";
  tabs: "separate" | "shared";
  signIn: CoreEndpoint | null;
  refresh: CoreEndpoint | "function" | "provider" | null;
  signOut: CoreEndpoint | "function" | "provider" | null;
  redirect: CoreRedirect | null;
  provider: CoreProvider | null;
  fingerprint: CoreFingerprint | null;
  schedule: CoreSchedule;
  limits: CoreLimits;
}

/** A URL that may have the token, with all below it: the parts of a WHATWG URL object. */
export interface CoreOrigin {
  protocol: string;
  host: string;
  pathname: string;
}

/** The header that carries the access token. */
export interface CoreHeader {
  name: string;
  /** What stands before the token: the scheme and a space, or nothing. */
  prefix: string;
}

/** How an endpoint is called, and how long. */
export interface CoreEndpoint {
  url: string;
  method: string;
  encoding: "json" | "form";
  /** The application's fields, a JSON object. */
  body: string | null;
  headers: Record<string, string>;
  /** `null` where the core decides. */
  credentials: RequestCredentials | null;
  csrf: CoreCsrf | null;
  bearer: boolean;
  timeoutSeconds: number;
  /** On the refresh endpoint only. */
  refreshToken: "body" | "memory" | "cookie";
  refreshTokenField: string;
}

/** The value of this cookie goes along: in a header, in a field of the body, or in both. */
export interface CoreCsrf {
  cookie: string;
  header: string | null;
  field: string | null;
}

export interface CoreRedirect {
  url: string;
  accept: readonly CallbackForm[];
  returnParam: string;
  callbackUrl: string | null;
  stateParam: string | null;
  maxAgeSeconds: number;
  hardClean: boolean;
}

/** An authorization server (RFC 6749), and the client that it knows. */
export interface CoreProvider {
  issuer: string;
  clientId: string;
  scope: string;
  /** Absolute. */
  redirectUri: string;
  responseMode: "query" | "fragment";
  params: Record<string, string>;
  resources: string[];
  /** Of the user's authentication. */
  maxAgeSeconds: number | null;
  dpop: boolean;
  /** For the end of the session at the provider. */
  keepsIdToken: boolean;
  postLogoutRedirectUri: string;
  /** Longest time between leaving and coming back. */
  pendingMaxAgeSeconds: number;
}

export interface CoreFingerprint {
  mode: "server" | "client";
  claim: string;
  /** Without `__Host-`. */
  cookie: string;
  field: string;
}

export interface CoreSchedule {
  leadSeconds: number;
  jitterSeconds: number;
  leewaySeconds: number;
  everySeconds: number | null;
  onStart: boolean;
  softExpiryClaim: string | null;
  proactive: boolean;
}

export interface CoreLimits {
  idleSeconds: number | null;
  idleWarningSeconds: number;
  sessionSeconds: number | null;
  tokenBytes: number;
}

export type CallbackForm = "fragment-token" | "fragment-params";
