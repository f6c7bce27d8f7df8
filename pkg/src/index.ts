import { openAuth } from "./auth.js";
import { decodeWith } from "./core/decode.js";
import { cores } from "./core/load.js";
import type { Auth, AuthOptions, DecodedToken, JwtClaims } from "./types.js";

export { AuthError } from "./error.js";
export type * from "./types.js";

/**
 * Creates a session manager. Returns at once; the WebAssembly core loads in the background.
 * On a server it stays inert: `session` is `loading`, `fetch` sends no token, other calls reject with
 * `core_unavailable`.
 *
 * ```js
 * const auth = createAuth({
 *   origins: ["https://api.example.com"],
 *   signIn: "https://api.example.com/auth",
 *   refresh: "https://api.example.com/token",
 * });
 * await auth.signIn({ username, password });
 * const answer = await auth.fetch("https://api.example.com/me");
 * ```
 *
 * @throws AuthError `invalid_option`, naming the option and what would be right
 */
export function createAuth<C extends object = JwtClaims>(options?: AuthOptions<C>): Auth<C> {
  return openAuth(options, cores);
}

/**
 * Loads the core. Safe to call many times; a failed load can be tried again.
 * Only `decodeToken` needs it: `createAuth` loads the core by itself. With a provider that is another core, which does
 * for both: call this after `createAuth`.
 * @throws AuthError `core_unavailable`
 */
export async function load(): Promise<void> {
  await cores.of(false).load();
}

/**
 * Reads a JWT without verifying it. Anyone can write a token: never grant anything because of its claims.
 * Works in Node, too.
 * @throws AuthError `malformed_token` | `token_too_large` | `not_loaded`
 */
export function decodeToken<C extends object = JwtClaims>(token: string): DecodedToken<C> {
  return decodeWith<C>(cores, token);
}
