/**
 * The contract with the Rust core: what `generated/core.js` exports, said by hand, so that nothing else
 * here depends on generated types.
 */

import type { StorageKeys } from "../options/storage-keys.js";

/** The exports of the core's module, once it is instantiated. */
export interface CoreModule {
  /** Tells the core how to make real `AuthError`s, and objects from JSON. Once, before anything else. */
  install(makeError: MakeError, parse: (json: string) => object): void;
  /** @throws AuthError. What it gives is null-prototype and frozen, deep; without `expiresAt` where the token names none. */
  decodeToken(token: string, maxBytes: number): { header: object; claims: object; expiresAt?: number };
  Core: new (options: CoreOptions, host: Host) => Core;
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
  /** `fragment`: the callback's parameters, raw, or `null` where the URL was no callback. */
  completeRedirect(fragment: string | null): Promise<{ returnTo: string; reload: boolean } | null>;
  refresh(): Promise<void>;
  signOut(): Promise<void>;
  /** A person did something that the page cannot see. */
  reportActivity(): void;
  /** The application is in front again: looks at clock and store, as after the page's own events. */
  wake(): void;
  close(): void;
}

/** An access token, and the name of the session that it belongs to: what comes back of it counts in no other one. */
export interface Token {
  readonly text: string;
  readonly session: string;
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
}

export interface HostContext {
  accessToken: string | null;
  refreshToken: string | null;
  signal: AbortSignal;
}

/**
 * Options as the core takes them, which is `Config` in `src/config.rs`: plain null-prototype data, checked, with every
 * default filled in and `null` for what is not wanted, URLs absolute, functions replaced by a word.
 */
export interface CoreOptions {
  keys: StorageKeys;
  origins: CoreOrigin[];
  header: CoreHeader;
  storage: "session" | "memory" | "local" | "custom";
  tabs: "separate" | "shared";
  signIn: CoreEndpoint | null;
  refresh: CoreEndpoint | "function" | null;
  signOut: CoreEndpoint | "function" | null;
  redirect: CoreRedirect | null;
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
