/// <reference lib="esnext.disposable" preserve="true" />

import type { AuthError } from "./error.js";

/** A session manager: what {@link createAuth} returns. Every method may be taken off the object: `const { fetch } = auth`. */
export interface Auth<C extends object = JwtClaims> {
  /**
   * The current session, an immutable snapshot: the same object until something changes.
   * `{ status: "loading" }` until the core has looked into the store and a callback that
   * {@link Auth.completeRedirect} was given before is finished, and always on a server.
   */
  readonly session: Session<C>;

  /**
   * Resolves with the first session that is not `loading`. Never rejects for being signed out; stays
   * pending on a server. Where the session is `loading` again, because a provider's callback is being finished, this is
   * a new promise. Later changes are in {@link Auth.session}: after a wait, read that.
   * @throws AuthError `core_unavailable`
   */
  readonly ready: Promise<Session<C>>;

  /**
   * Calls `listener` after every change, never during one. Returns the function that ends it.
   * The first change after `loading` is `restored`, or `signed-out`, mostly with the reason
   * `never-signed-in`, or `signed-in` where a sign-in came before the store was read, as a callback does.
   * A listener that throws or rejects is reported (`reportError`) and stops no other.
   */
  subscribe(listener: (session: Session<C>, change: Change) => void): () => void;

  /**
   * The access token, refreshed first where it has less than `minValiditySeconds` left.
   * However many callers wait, one refresh runs. Where the server gives no token that lives so long,
   * the newest one comes back.
   * @throws AuthError `signed_out` | `refresh_unavailable` | `refresh_loop`, or the signal's reason
   */
  token(options?: TokenOptions): Promise<string>;

  /**
   * `fetch`, with the token on requests to allowed origins and one replay after a refresh on 401.
   *
   * A request belongs to the session in which it was made (while `loading`: to the one that comes first), and is
   * sent with no other's token: where another sign-in has taken its place, its 401 stands, and what still waits
   * for a token goes without one. Where there is no way to refresh, a 401 ends the session (`rejected`).
   *
   * A request with its own `Authorization` is passed on untouched. When signed out, or when the token
   * has expired and cannot be renewed now, the request goes without a token. Replayed are requests
   * without a body or with a string, `Blob`, `URLSearchParams`, `FormData`, `ArrayBuffer` or view
   * (with the bytes of the first sending, whatever happens to the object meanwhile), or a `Request`;
   * a stream is not, its 401 comes back. A replay may repeat a side effect where a server answers 401
   * after it has done something; use a stream, or your own `Authorization`, where that matters.
   */
  readonly fetch: typeof globalThis.fetch;

  /**
   * The header to send to `url`, or `null` where `url` may not receive the token.
   * For clients that are neither fetch nor axios.
   * @throws AuthError what {@link Auth.token} throws; `invalid_option` with DPoP, where a request needs two headers:
   * {@link Auth.headers}
   */
  authorization(url: string | URL, options?: TokenOptions): Promise<string | null>;

  /**
   * All headers to send to `url`, or `null` where `url` may not receive the token. For clients that are neither fetch nor
   * axios. With DPoP there is a proof among them: for this one request, by this `method` (default `"GET"`), sent soon, and
   * to no address that a redirect leads to.
   * @throws AuthError what {@link Auth.token} throws; `storage_unavailable`: the DPoP key is gone, the session has ended
   */
  headers(url: string | URL, options?: TokenOptions & { method?: string }): Promise<Record<string, string> | null>;

  /**
   * Posts `credentials` to `options.signIn` (so not with a provider) and starts a session from the answer.
   *
   * Of two sign-ins of any kind the one that was begun last stands, whichever is answered first.
   * @throws AuthError `sign_in_rejected` | `sign_in_unavailable` | `invalid_response` | `fingerprint_missing` |
   * `signed_out`: a sign-out came in between, or a sign-in that was begun later has worked
   */
  signIn(credentials: Record<string, unknown>): Promise<Session<C>>;

  /**
   * Starts, or replaces, the session with tokens that the application obtained by itself. With `renew: true` they
   * continue the session that is there: no new sign-in, its limits go on, the change is `refreshed`.
   * @throws AuthError `malformed_token` | `token_too_large` | `invalid_response`: the profile is no JSON object of 8 KiB,
   * or the tokens are another user's | `fingerprint_missing`; the old session stays. `signed_out`: nothing to renew
   */
  accept(tokens: TokenSet, options?: { renew?: boolean }): Promise<Session<C>>;

  /**
   * Counts as activity of the user (`limits.idleSeconds`): for work that the page cannot see, in a frame or a video.
   * Costs nothing to call often.
   * @throws AuthError `closed`
   */
  reportActivity(): void;

  /**
   * Leaves the page for `options.redirect.url` or the provider, remembering that this tab asked for it.
   * @throws AuthError `storage_unavailable` | `invalid_option`, and with a provider `provider_unavailable` |
   * `provider_mismatch` | `sign_in_rejected` | `sign_in_unavailable` | `invalid_response`: its metadata, or what it
   * answered to a pushed request
   */
  signInRedirect(request?: RedirectRequest): Promise<never>;

  /**
   * The same at the provider in a popup window, for pages that must not be left (embedded apps, unsaved work). Call it from
   * a click, and before anything is awaited there. The callback page of the same origin calls {@link Auth.completeRedirect}, which
   * hands the callback over and closes the window; there it does not return. No window message is sent or listened to, so
   * `Cross-Origin-Opener-Policy` does not matter: but that it hides whether the user has closed the window, so that then
   * only `signal`, or ten minutes, end the wait. A second call ends the first.
   *
   * In a frame of another site's page the window and the frame share nothing: use {@link Auth.signInRedirect} in a window of
   * the application's own there, or the Storage Access API.
   * @throws AuthError `popup_blocked` | `popup_closed` | `callback_expired` | `invalid_option`: there is no provider, or
   * this is such a frame | what {@link Auth.signInRedirect} and {@link Auth.completeRedirect} throw, or the signal's reason
   */
  signInPopup(request?: PopupRequest): Promise<Session<C>>;

  /**
   * Finishes a redirect sign-in from `url` (default: the page's own), and takes every secret out of the
   * address bar, synchronously. Call it right after {@link createAuth}, before any other script reads the URL.
   *
   * While a callback is being finished the status is `loading` and `ready` is pending, so that no guard sends
   * the user away again. An accepted one is the first change, `signed-in`; after a refused one the session is
   * what it is without it. A callback that comes later, when the session is known (a deep link), changes it in
   * one step, and a session that is there stays usable until then.
   *
   * Resolves with `null` where `url` is no callback. Calling it twice gives the same answer. In a window of
   * {@link Auth.signInPopup} it hands the callback over, closes the window, and stays pending.
   * @throws AuthError `callback_unsolicited` | `callback_state_mismatch` | `callback_expired` |
   *   `callback_malformed` | `callback_error`, and with a provider, whose code has to be exchanged, `sign_in_rejected` |
   *   `sign_in_unavailable` | `invalid_response` | `provider_mismatch` | `provider_unavailable`
   */
  completeRedirect(url?: string | URL): Promise<RedirectResult<C> | null>;

  /**
   * Refreshes now, whatever time is left: after a profile or role change, for example.
   * @throws AuthError `refresh_rejected` | `refresh_unavailable` | `signed_out`
   */
  refresh(): Promise<Session<C>>;

  /**
   * Ends the session: here and in every other tab first, then at `options.signOut`. Local sign-out
   * cannot fail; the promise rejects with `sign_out_unavailable` where the server was not told.
   */
  signOut(): Promise<void>;

  /** Stops timers, listeners and channels; the stored session stays. Every later call throws `closed`. */
  close(): void;
  [Symbol.dispose](): void;
}

// ── options ──

/** What {@link createAuth} takes. Unknown names and wrong values throw `invalid_option` at once. */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- lets callers name the claims where they write the options
export interface AuthOptions<C extends object = JwtClaims> {
  /** Sets sessions on one origin apart: storage key, lock and channel. Default `"default"`. */
  name?: string;
  /**
   * Who may receive the token: origins (`"https://api.example.com"`), optionally with a path prefix
   * (`"https://api.example.com/v1/"`); https, or http on loopback. A prefix matches whole segments,
   * and no path that some server reads as another one (`..;`, `%252e`, `//`, escaped slashes).
   * Default: the page's own origin only.
   */
  origins?: readonly string[];
  /** Where the session outlives a reload. Default `"session"` (sessionStorage). */
  storage?: "session" | "memory" | "local" | KeyValueStorage;
  /**
   * What tabs of one browser share, beside sign-out and activity. `"separate"` (default): a tab shares its session and
   * its renewals with its copies (duplicated, or by `window.open`), on a channel that only they can name; a new tab gets
   * nothing. `"shared"`: every tab of the origin takes part in the session, one refresh serves them all.
   */
  tabs?: "separate" | "shared";
  /**
   * How the token travels, in requests of the application and to endpoints with `bearer`. Default
   * `{ name: "Authorization", scheme: "Bearer" }` (RFC 6750, section 2.1); scheme `""`: the bare token. A request whose
   * caller has set a header of this name is the caller's. To another origin, CORS has to allow the name.
   */
  header?: { name?: string; scheme?: string };
  /**
   * Which answers to a request that carried the token mean that the token is not good any more: the session is
   * refreshed, and the request sent once more. Default: status 401, but for `insufficient_scope`. For APIs that say 403, 419,
   * 440 or 498, or a GraphQL error in a 200. Asked for fetch, axios and Angular alike, before the application sees the
   * answer; what it throws is reported, and the default counts.
   */
  unauthorized?: (answer: ApiAnswer) => boolean | Promise<boolean>;
  /**
   * Finds new tokens in answers of the API to requests that carried the token, as servers with sliding sessions send them;
   * mostly in a header. They continue the session like `accept(…, { renew: true })`; `null`, or nothing: there are none.
   * An answer that was overtaken by a newer one renews nothing. What it throws is reported.
   */
  renewFrom?: (answer: ApiAnswer) => TokenSet | null | undefined;
  /**
   * For development on a device: a page that was itself loaded over http may also name http addresses of its network:
   * private ones (10/8, 172.16/12, 192.168/16, 169.254/16, fc00::/7, fe80::/10), `.local` names and single-label names.
   * Says so once in the console; on any other page it changes nothing. Never for production: all that passes can be read
   * on the way. Default false.
   */
  allowHttp?: boolean;
  /**
   * Sends everything that this package sends: what `auth.fetch` is given, and the calls of endpoints. Default: the
   * platform's `fetch` as it was at import. For tests, mocks and tracing; it sees the tokens.
   */
  fetch?: typeof globalThis.fetch;
  /**
   * Sign-in at an OAuth 2 / OpenID Connect provider, made by `oidc()` of `hallpass/oidc`: it also renews, and is told of
   * sign-outs. Excludes `signIn`, `refresh`, `signOut` and `redirect`, and with DPoP `header`.
   */
  provider?: Provider;
  signIn?: string | Endpoint;
  refresh?: string | RefreshEndpoint | RefreshFunction;
  signOut?: string | Endpoint | SignOutFunction;
  redirect?: RedirectOptions;
  fingerprint?: FingerprintOptions;
  schedule?: ScheduleOptions;
  limits?: LimitOptions;
  /**
   * Finds the tokens in an answer of `signIn` or `refresh`. Default: OAuth names (`access_token`, …) and
   * their camelCase forms, at the top level or under `token`, `tokens`, `data` or `authorisation`, and a bare `token` or `jwt`.
   */
  readTokens?: (body: unknown, response: Response) => TokenSet;
}

/** An address of your server and how to call it. https, or http on loopback; relative ones start from the page's own URL, whatever a `<base>` says. */
export interface Endpoint {
  url: string | URL;
  /** Default `"POST"`. */
  method?: string;
  /** How the body is sent. Default `"json"`. */
  encoding?: "json" | "form";
  /** Fields sent with every call: what JSON can hold, as it is when `createAuth` is called. */
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
  /** Default `"same-origin"`, or `"include"` where a fingerprint or `refreshToken: "cookie"` needs the cookie. */
  credentials?: RequestCredentials;
  /** Sends the current access token too, for servers that renew a token against itself. Default false. */
  bearer?: boolean;
  /** Copies a readable cookie into a header or body field (double submit). */
  csrf?: { cookie: string; header?: string; field?: string };
  /** For the whole call, until its answer is read and judged. Default 10. On `refresh` also the longest time that `ready` waits for a server that cannot be reached. */
  timeoutSeconds?: number;
}

/** The endpoint that renews tokens. */
export interface RefreshEndpoint extends Endpoint {
  /**
   * Where the refresh token lives. `"body"` (default): kept beside the access token and sent as
   * `refreshTokenField`. `"memory"`: the same, but never stored. `"cookie"`: an HttpOnly cookie that only the server sees.
   */
  refreshToken?: "body" | "memory" | "cookie";
  /** Default `"refresh_token"`. */
  refreshTokenField?: string;
  /**
   * Which answers mean that the session is over. Default: 401, 403, and 400 with `invalid_grant`.
   * Everything else that is not a token answer counts as trouble that passes.
   */
  rejected?: (response: Response) => boolean | Promise<boolean>;
}

/** Resolves with tokens, with the server's answer to be read like an endpoint's, or with `null`: the session is over. */
export type RefreshFunction = (context: {
  accessToken: string | null;
  refreshToken: string | null;
  signal: AbortSignal;
}) => Promise<TokenSet | Response | null>;

/** Tells the server that the session is over. Called after the local sign-out, with the tokens of the session that was. */
export type SignOutFunction = (context: {
  accessToken: string | null;
  refreshToken: string | null;
  signal: AbortSignal;
}) => Promise<void>;

/** When to refresh. */
export interface ScheduleOptions {
  /** Refresh this long before expiry. Default 60, and never more than a fifth of the lifetime. */
  leadSeconds?: number;
  /** Up to this much earlier, at random, so that clients do not come all at once. Default 30, never more than a tenth of the lifetime. */
  jitterSeconds?: number;
  /** Tolerance for clocks when judging expiry: shortens the life. Default 5, never more than a tenth of the lifetime. */
  leewaySeconds?: number;
  /** Also refresh at this interval, however long the token lives. Default: never. */
  everySeconds?: number;
  /**
   * Refresh once when the page opens. Default false; true is what cookie-held refresh tokens want. After a sign-out
   * nothing is renewed so until the next sign-in.
   */
  onStart?: boolean;
  /** A claim with an earlier time (seconds since epoch) at which the server wants a refresh, e.g. `"softexp"`. */
  softExpiryClaim?: string;
  /** false: refresh only when a request needs it. Default true. */
  proactive?: boolean;
}

/** When to end a session whatever the server says, and what to accept. */
export interface LimitOptions {
  /**
   * Signs out after this long without pointer, key, touch or wheel in any tab, or {@link Auth.reportActivity}. What
   * scripts do, scrolling among it, is no activity. Counted while a page is open: opening or reloading one is
   * activity. Default: never.
   */
  idleSeconds?: number;
  /** Emits `idle-warning` this long before. Default 60. */
  idleWarningSeconds?: number;
  /** Signs out this long after sign-in, however active the user is. Default: never. */
  sessionSeconds?: number;
  /** Longest token accepted, in bytes. Default 16384. */
  tokenBytes?: number;
}

/**
 * Binds tokens to this browser: a hardened cookie holds a random value, the token its SHA-256 (hex, over
 * the text of the cookie's value). Requests to allowed origins then carry cookies.
 */
export interface FingerprintOptions {
  /**
   * `"server"`: the server sets a hardened HttpOnly cookie and puts its SHA-256 into the token (OWASP
   * token sidejacking). `"client"`: this package makes the value, for servers that cannot; weaker, see SECURITY.md.
   */
  mode: "server" | "client";
  /** Claim with the hash. Default `"userFingerprint"`. */
  claim?: string;
  /**
   * Cookie name in `"client"` mode. `__Host-` is put before it on https, and taken off on loopback http.
   * Default `"Fgp"`, so `"__Host-Fgp"` on https.
   */
  cookie?: string;
  /** Body field of `signIn` and `refresh` that carries the hash in `"client"` mode. Default `"fingerprint"`. */
  field?: string;
}

/** Sign-in at a login page that sends the tokens back in the URL's fragment. */
export interface RedirectOptions {
  /** Where sign-in happens, e.g. `"https://api.example.com/auth/auth0"`; https, or http on loopback. */
  url: string | URL;
  /**
   * What the callback may look like. `"fragment-token"`: a bare `#TOKEN`. `"fragment-params"`:
   * `#access_token=…&state=…`. Default `["fragment-params"]`. With both, a bare token counts only where
   * there is no state to come back: `stateParam: null`.
   */
  accept?: readonly ("fragment-token" | "fragment-params")[];
  /** Query parameter that tells the server where to return to. Default `"redirect_uri"`. */
  returnParam?: string;
  /** Where to return to: this page's own origin. Sent as written. Default: the current URL without query and fragment. */
  callbackUrl?: string | URL;
  /** Query parameter for the one-time state. Default `"state"`; null for servers that do not echo one. */
  stateParam?: string | null;
  /** Longest time between leaving and coming back. Default 600. */
  maxAgeSeconds?: number;
  /** Navigate once more, so that the token leaves the browser's navigation timing too. Default false. */
  hardClean?: boolean;
}

/** What `oidc()` of `hallpass/oidc` makes, for {@link AuthOptions.provider}. Opaque. */
export interface Provider {
  readonly kind: "oidc";
}

/** One redirect sign-in. */
export interface RedirectRequest {
  /** Path on this origin to show afterwards. Default: the current one. */
  returnTo?: string;
  /** Extra query parameters; with a provider those of its authorization request, and none that are set already. */
  params?: Record<string, string>;
}

/** One sign-in in a window of its own. */
export interface PopupRequest extends RedirectRequest {
  /** Of the window, in CSS pixels. Default 500. */
  width?: number;
  /** Likewise. Default 650. */
  height?: number;
  /** Ends the wait, and closes the window. */
  signal?: AbortSignal;
}

/** A store of your own. One that throws, rejects or does not settle within 5 s makes the session live in memory. */
export interface KeyValueStorage {
  get(key: string): string | null | Promise<string | null>;
  set(key: string, value: string): void | Promise<void>;
  remove(key: string): void | Promise<void>;
}

/** How long a token must still be good for, and for how long to wait. */
export interface TokenOptions {
  /** Default: the leeway. */
  minValiditySeconds?: number;
  /** Ends this caller's wait; the refresh goes on for the others. */
  signal?: AbortSignal;
}

// ── what comes back ──

/** Tokens from wherever the application got them. */
export interface TokenSet {
  accessToken: string;
  /**
   * What the application wants to know of the user: it stands in {@link Session}, and ends with it. A plain object of at
   * most 8 KiB of JSON. Missing, or `null`, in a refresh: the old one stays.
   */
  profile?: Record<string, unknown> | null;
  /** Missing in a refresh answer: the old one stays. */
  refreshToken?: string | null;
  /** Seconds from now. Wins over the token's own `exp`. */
  expiresIn?: number;
}

/**
 * A snapshot of the session: who is signed in, and for how long. Immutable.
 *
 * Where only the server can say whether the user is signed in (`schedule.onStart` with a refresh token in a cookie, or
 * a refresh function) and it cannot be reached, the status is `loading` for at most `refresh.timeoutSeconds` (10 for a
 * function). Then it is `signed-in` and `stale`, with `claims: null`, where the last sign-in of this browser was not
 * followed by a sign-out; else `signed-out` with the reason `unreachable`. The server is asked again all the while:
 * after a pause, when the network is back, when the page is in front, and when a token is needed.
 */
export type Session<C extends object = JwtClaims> =
  | { readonly status: "loading" }
  | {
      readonly status: "signed-in";
      /**
       * The token's payload, unverified; `null` for an opaque token, and before there is a token. A null-prototype object.
       */
      readonly claims: Readonly<C> | null;
      /** What came as {@link TokenSet.profile}, or the ID token's claims with a provider; `null` where nothing did. Frozen all the way down; null-prototype objects. */
      readonly profile: Readonly<Record<string, unknown>> | null;
      /** Milliseconds since epoch on this device's clock, corrected for skew; `null` where unknown. */
      readonly expiresAt: number | null;
      /** When the next refresh is due, likewise; `null` where none is. */
      readonly refreshAt: number | null;
      /** True while the token is expired, or was refused, and could not be renewed yet: offline, or the server is down. */
      readonly stale: boolean;
    }
  | { readonly status: "signed-out"; readonly reason: SignOutReason };

/** Why there is no session. */
export type SignOutReason =
  | "never-signed-in"
  /** `signOut()` here. */
  | "user"
  /** `signOut()` elsewhere. */
  | "other-tab"
  /** No way to refresh. */
  | "expired"
  /** The server refused the refresh, or the token itself where there is no way to refresh. */
  | "rejected"
  | "idle"
  | "session-limit"
  /** The token carries no fingerprint, or another one. */
  | "fingerprint"
  /** The stored session was removed or damaged from outside. */
  | "storage"
  /** The server, which may know this browser by a cookie, cannot be reached: it is asked again until it answers. */
  | "unreachable";

/** What happened to a session. */
export type Change =
  | { readonly type: "restored" }
  | { readonly type: "signed-in" }
  | { readonly type: "refreshed"; readonly by: "this-tab" | "other-tab" }
  | { readonly type: "refresh-failed"; readonly error: AuthError; readonly retryAt: number | null }
  | { readonly type: "signed-out"; readonly reason: SignOutReason }
  | { readonly type: "idle-warning"; readonly signOutAt: number }
  | { readonly type: "storage-degraded"; readonly error: AuthError };

/** A finished redirect sign-in. */
export interface RedirectResult<C extends object = JwtClaims> {
  session: Session<C>;
  /** Same-origin path, ready for a router. */
  returnTo: string;
}

/** The registered claims of RFC 7519, unverified. */
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

/** What a JWT says about itself. Nothing in it is verified. */
export interface DecodedToken<C extends object = JwtClaims> {
  header: { alg?: string; typ?: string; kid?: string; [parameter: string]: unknown };
  claims: C;
  /** Milliseconds since epoch; `null` where the token names none. */
  expiresAt: number | null;
}

/** An answer of the API, read only as far as it is asked; the application's own reading is not disturbed. */
export interface ApiAnswer {
  /** Where it came from, after redirects. */
  readonly url: string;
  /** Of the request, in capitals. */
  readonly method: string;
  readonly status: number;
  readonly headers: Headers;
  /** The body, to the end: do not ask for that of a stream without one. Rejects where it can be read only once. */
  text(): Promise<string>;
  /** The same, parsed. Rejects where it is no JSON. */
  json(): Promise<unknown>;
}

/** The stable `code` of an `AuthError`. */
export type AuthErrorCode =
  | "invalid_option"
  | "not_loaded"
  | "closed"
  | "core_unavailable"
  | "core_failed"
  | "malformed_token"
  | "token_too_large"
  | "signed_out"
  | "sign_in_rejected"
  | "sign_in_unavailable"
  | "sign_out_unavailable"
  | "refresh_rejected"
  | "refresh_unavailable"
  | "refresh_loop"
  | "invalid_response"
  | "callback_unsolicited"
  | "callback_state_mismatch"
  | "callback_expired"
  | "callback_malformed"
  | "callback_error"
  | "fingerprint_missing"
  | "storage_unavailable"
  /** Its metadata cannot be had: network or server trouble, retryable. */
  | "provider_unavailable"
  /** Metadata, callback or ID token name another issuer, client, nonce or user than asked for. */
  | "provider_mismatch"
  | "popup_blocked"
  | "popup_closed";
