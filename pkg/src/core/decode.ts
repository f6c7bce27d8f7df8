import { AuthError } from "../error.js";
import type { Cores } from "./loader.js";
import { parseFrozen } from "../json.js";
import { TOKEN_BYTES } from "../options/options.js";
import type { DecodedToken } from "../types.js";

/** What the core writes: it leaves out what is not there. */
type Decoded<C extends object> = Omit<DecodedToken<C>, "expiresAt"> & { readonly expiresAt?: number };

/** Reads a JWT with the core that is there. */
export function decodeWith<C extends object>(cores: Cores, token: string): DecodedToken<C> {
  const core = cores.loaded;
  if (core === undefined) throw new AuthError("not_loaded");
  if (typeof token !== "string") throw new AuthError("malformed_token");
  // Before it is copied into the core's memory. No text has fewer bytes than this.
  if (token.length > TOKEN_BYTES) throw new AuthError("token_too_large");
  try {
    const { header, claims, expiresAt = null } = parseFrozen(core.decodeToken(token, TOKEN_BYTES)) as Decoded<C>;
    return { header, claims, expiresAt };
  } catch (error) {
    throw error instanceof AuthError ? error : new AuthError("core_failed", undefined, { cause: error });
  }
}
