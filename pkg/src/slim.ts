import { openAuth } from "./auth.js";
import { decodeWith } from "./core/decode.js";
import { cores, useSource } from "./core/slim-load.js";
import type { Auth, AuthOptions, DecodedToken, JwtClaims } from "./types.js";

export { AuthError } from "./error.js";
export type * from "./types.js";

/** What the core's WebAssembly can be made of: its bytes, a module, an answer with them, or the address to ask. */
export type WasmSource = BufferSource | WebAssembly.Module | Response | URL | string;

/**
 * `createAuth` of `hallpass`, with the WebAssembly as a file of its own: fetched and compiled as it arrives.
 *
 * @throws AuthError `invalid_option`, naming the option and what would be right
 */
export function createAuth<C extends object = JwtClaims>(options?: AuthOptions<C>): Auth<C> {
  return openAuth(options, cores);
}

/**
 * Loads the core from `source`: the bytes of `hallpass/hallpass.wasm` (with a provider `hallpass/hallpass-provider.wasm`,
 * which does without one, too), a module made of them, a `Response` or the address to fetch. Without one from that file
 * beside this one, which bundlers find that know `new URL("./hallpass.wasm", import.meta.url)`. Where that fails, the core
 * is loaded as JavaScript.
 *
 * Name the source before, or right after, the first `createAuth`: the first load decides.
 *
 * @throws AuthError `core_unavailable`
 */
export async function load(source?: WasmSource | PromiseLike<WasmSource>): Promise<void> {
  if (source !== undefined) useSource(source);
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
