import { invalidOption } from "../error.js";

/** The header that carries the access token, in requests of the application and to endpoints with `bearer`. */
export interface TokenHeader {
  readonly name: string;
  /** The name in lower case. */
  readonly key: string;
  /** What stands before the token: the scheme and a space, or nothing. */
  readonly prefix: string;
  /** What it holds with this token. */
  readonly value: (token: string) => string;
}

/** `Authorization: Bearer …` (RFC 6750, section 2.1) where nothing else is said; a scheme of `""` is the bare token. */
export function createTokenHeader(name = "Authorization", scheme = "Bearer"): TokenHeader {
  const prefix = scheme === "" ? "" : `${scheme} `;
  return { name, key: name.toLowerCase(), prefix, value: (token) => prefix + token };
}

/**
 * The names that the platform keeps for itself (Fetch, "forbidden request-header"): it would leave out such a header and
 * say nothing.
 */
const FORBIDDEN =
  /^(?:accept-(?:charset|encoding)|access-control-request-.+|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|(?:proxy|sec)-.*)$/i;

/** @throws AuthError `invalid_option` */
export function refuseForbidden(name: string, where: string): void {
  if (FORBIDDEN.test(name)) throw invalidOption(where, `must be a header that a page may set: browsers leave out ${name}`);
}
