import type { Auth, AuthOptions, DecodedToken, JwtClaims } from "./types.js";
export { AuthError } from "./error.js";
export type * from "./types.js";
export type WasmSource = BufferSource | WebAssembly.Module | Response | URL | string;
export declare function createAuth<C extends object = JwtClaims>(options?: AuthOptions<C>): Auth<C>;
export declare function load(source?: WasmSource | PromiseLike<WasmSource>): Promise<void>;
export declare function decodeToken<C extends object = JwtClaims>(token: string): DecodedToken<C>;
