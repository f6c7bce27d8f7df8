import { type Plugin, type ShallowRef } from "vue";
import type { Auth, JwtClaims, Session } from "./types.js";
export declare function createAuthPlugin(auth: Auth<object>): Plugin<[
]>;
export declare function useAuth<C extends object = JwtClaims>(): Auth<C>;
export declare function useSession<C extends object = JwtClaims>(): Readonly<ShallowRef<Session<C>>>;
