import type { AuthErrorCode } from "./types.js";

/**
 * Every failure of this package. `code` is stable; messages are for people and never hold a token.
 *
 * ```js
 * try { await auth.token() } catch (error) {
 *   if (error instanceof AuthError && error.code === "signed_out") showSignIn();
 * }
 * ```
 */
export class AuthError extends Error {
  override readonly name: "AuthError";
  readonly code: AuthErrorCode;
  /** Worth trying again by itself: the network or the server, not the session, is the trouble. */
  readonly retryable: boolean;
  /** HTTP status of the answer that caused it. */
  readonly status?: number;
  /** The `error` code of an OAuth answer or callback (`login_required`, `invalid_grant`, …): 1 to 64 characters of its own alphabet, else absent. */
  readonly oauthError?: string;
  /**
   * What the server said when it refused a sign-in or gave no tokens (a message, a second factor's ticket): parsed JSON or
   * text, at most 64 KiB. Not enumerable, in no message, no stack and no `toJSON`: logging the error does not log it.
   */
  declare readonly answer?: unknown;

  /** Each entry of the package has this class in a copy of its own: an error of one is an `AuthError` of all. */
  static override [Symbol.hasInstance](this: object, value: unknown): boolean {
    if (this !== AuthError) return isPrototypeOf(this as typeof AuthError, value);
    return typeof value === "object" && value !== null && BRAND in value;
  }

  constructor(code: AuthErrorCode, message?: string, details: ErrorDetails = {}) {
    super(message === undefined || message === "" ? MESSAGES[code] : message);
    hide(this, BRAND, true);
    this.name = "AuthError";
    this.code = code;
    this.retryable = details.retryable ?? false;
    if (details.status !== undefined) this.status = details.status;
    if (details.oauthError !== undefined) this.oauthError = details.oauthError;
    if (details.cause !== undefined && details.cause !== null) hide(this, "cause", details.cause);
    if (details.answer !== undefined) hide(this, "answer", jsonOr(details.answer));
  }
}

const BRAND: unique symbol = Symbol.for("hallpass.error");

/** `instanceof` for classes that an application derives. */
function isPrototypeOf(derived: typeof AuthError, value: unknown): boolean {
  return Function.prototype[Symbol.hasInstance].call(derived, value);
}

/** Not enumerable, like the platform's own `cause`: loggers that serialise an error leave it out. */
function hide(error: AuthError, name: string | symbol, value: unknown): void {
  Object.defineProperty(error, name, { value, configurable: true, writable: true });
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

interface ErrorDetails {
  readonly retryable?: boolean;
  readonly status?: number | undefined;
  readonly cause?: unknown;
  readonly oauthError?: string | undefined;
  /** The text of the server's answer. */
  readonly answer?: string | undefined;
}

/** How the core makes its errors: same class, same rules. */
export function makeError(
  code: string,
  message: string,
  retryable: boolean,
  status: number | undefined,
  cause: unknown,
  oauthError?: string,
  answer?: string,
): AuthError {
  return new AuthError(code as AuthErrorCode, message, { retryable, status, cause, oauthError, answer });
}

/** What each code means and what to do about it. The core says something only where it knows more. */
const MESSAGES: Readonly<Record<AuthErrorCode, string>> = {
  invalid_option: "An option is wrong.",
  not_loaded: "The core is not loaded yet: await load() before decodeToken().",
  closed: "This session manager was closed: create another one with createAuth().",
  core_unavailable:
    "The core could not start, neither as WebAssembly nor as JavaScript: see the cause. load() tries again.",
  core_failed: "The core failed, and starts again from the stored session: try again, and please report it.",
  malformed_token: "This is no JSON Web Token.",
  token_too_large: "The token is longer than options.limits.tokenBytes allows.",
  signed_out: "Nobody is signed in: send the user to sign-in.",
  sign_in_rejected: "The server refused the credentials.",
  sign_in_unavailable: "The sign-in did not get through: try again later.",
  sign_out_unavailable: "Signed out here, but the server was not told: its side of the session ends by itself.",
  refresh_rejected: "The server ended the session: the user has to sign in again.",
  refresh_unavailable: "The refresh did not get through: it is tried again by itself, and the session stays.",
  refresh_loop: "The server keeps giving tokens that do not last: automatic refreshes pause for a minute.",
  invalid_response: "The answer holds no usable tokens: see options.readTokens.",
  callback_unsolicited: "This tab did not ask for a sign-in: start one with signInRedirect().",
  callback_state_mismatch: "The callback's state is missing, repeated or another one: start the sign-in again in this tab.",
  callback_expired: "The sign-in took longer than options.redirect.maxAgeSeconds: start it again.",
  callback_malformed: "The callback could not be read: start sign-in again.",
  callback_error: "The sign-in page answered with an error.",
  fingerprint_missing:
    "The token is not bound to this browser: let the server put the cookie's hash into the claim that options.fingerprint.claim names.",
  provider_unavailable: "The provider's metadata cannot be had: the next call tries again.",
  provider_mismatch: "The provider's metadata or its answer are for another issuer, client, sign-in or user than asked for.",
  popup_blocked: "The browser opened no window: call signInPopup() from a click.",
  popup_closed: "The window was closed before the sign-in was finished.",
  storage_unavailable: "The browser lets this page store nothing: the session lives in memory and ends with the page.",
};

/** An `invalid_option`: `where` names the option, `rule` says what would be right. */
export function invalidOption(where: string, rule: string): AuthError {
  return new AuthError("invalid_option", `${where} ${rule}.`);
}

/**
 * A value for a message: its kind only. Options may hold secrets (headers, bodies), so that no text of
 * theirs is ever repeated.
 */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "number":
      return Number.isFinite(value) ? "the number " + String(value) : String(value);
    case "boolean":
      return String(value);
    case "object":
      return "an object";
    default:
      return `a ${typeof value}`;
  }
}

/** A URL for a message: without userinfo, query and fragment. */
export function redactUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
