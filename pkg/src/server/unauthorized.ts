import type { UnauthorizedCode } from "./types.js";
import { WORDS } from "./words.js";

/**
 * A request that may not pass. `code` is stable, the message a fixed sentence without any secret, and `response` ready to
 * be returned: 401 with the `WWW-Authenticate` that the client half acts on (RFC 6750, section 3; RFC 9449, section 7.1),
 * and an `error` and `error_description` in JSON. Only `keys_unavailable` is a 503 with `Retry-After`: the provider's keys
 * cannot be fetched, which says nothing about the token; `cause` has the reason.
 *
 * ```js
 * try {
 *   await verify(request);
 * } catch (error) {
 *   if (error instanceof Unauthorized) return error.response;
 *   throw error;
 * }
 * ```
 */
export class Unauthorized extends Error {
  override readonly name: "Unauthorized";
  readonly code: UnauthorizedCode;
  /** Made when it is first asked for; its body can be read once. */
  declare readonly response: Response;

  constructor(code: UnauthorizedCode, details: UnauthorizedDetails = {}) {
    super(WORDS[code].description);
    this.name = "Unauthorized";
    this.code = code;
    // Neither is for a log that prints an error with all it has.
    if (details.cause !== undefined) Object.defineProperty(this, "cause", { value: details.cause, configurable: true, writable: true });
    let response: Response | undefined;
    Object.defineProperty(this, "response", { get: () => (response ??= answer(code, details)), configurable: true });
  }
}

/** How a refusal is told. */
export interface UnauthorizedDetails {
  /** The scheme of the challenge. Default `"Bearer"`. */
  readonly scheme?: string;
  /** With the scheme `DPoP`: which algorithms a proof may be signed with. */
  readonly algs?: readonly string[] | undefined;
  /** For the next proof: sent as `DPoP-Nonce` (RFC 9449, section 9). */
  readonly nonce?: string | undefined;
  readonly cause?: unknown;
}

/** After so long the keys are asked for again. */
const RETRY_AFTER_SECONDS = 5;

function answer(code: UnauthorizedCode, details: UnauthorizedDetails): Response {
  const isOurs = code === "keys_unavailable";
  const headers = new Headers({ "Content-Type": "application/json", "Cache-Control": "no-store" });
  if (isOurs) headers.set("Retry-After", String(RETRY_AFTER_SECONDS));
  else headers.set("WWW-Authenticate", challenge(code, details));
  if (details.nonce !== undefined) headers.set("DPoP-Nonce", details.nonce);
  const { error = isOurs ? "temporarily_unavailable" : "unauthorized", description } = WORDS[code];
  return new Response(JSON.stringify({ error, error_description: description }), { status: isOurs ? 503 : 401, headers });
}

function challenge(code: UnauthorizedCode, { scheme = "Bearer", algs }: UnauthorizedDetails): string {
  const { error, description } = WORDS[code];
  const parts = ['realm="hallpass"'];
  if (error !== undefined) parts.push(`error="${error}"`, `error_description="${description}"`);
  if (algs !== undefined) parts.push(`algs="${algs.join(" ")}"`);
  return `${scheme} ${parts.join(", ")}`;
}
