import { invalidOption } from "../error.js";

// As it was when this module was loaded; `undefined` outside of secure contexts.
const { crypto } = globalThis as { crypto?: Crypto };
const { subtle } = (crypto ?? {}) as { subtle?: SubtleCrypto };

/** @throws AuthError `invalid_option` on a page that has no WebCrypto. */
export function webCrypto(where: string): { crypto: Crypto; subtle: SubtleCrypto } {
  if (crypto === undefined || subtle === undefined) throw invalidOption(where, "needs a page on https, or on localhost");
  return { crypto, subtle };
}
