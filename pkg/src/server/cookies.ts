import { isSecure } from "../options/secure-url.js";
import type { RequestHead } from "./types.js";

/** A cookie with such a name was set by this host over https (RFC 6265bis, section 4.1.3): no subdomain can plant one. */
const PREFIX = /^__(?:Host|Secure)-/i;

/** The name as it is set. */
export function hardenedName(name: string): string {
  return PREFIX.test(name) ? name : `__Host-${name}`;
}

/** The value of the cookie `name`, with its prefix; on loopback http, which cannot have that, without it, too. */
export function cookieValue(request: RequestHead, name: string): string | undefined {
  const cookies = request.headers.get("Cookie") ?? "";
  const hardened = hardenedName(name);
  const value = valueOf(cookies, hardened);
  return value === undefined && name !== hardened && isLoopbackHttp(request.url) ? valueOf(cookies, name) : value;
}

/** Two different values under one name: one of them was planted, so none. */
function valueOf(cookies: string, name: string): string | undefined {
  const values = new Set<string>();
  // Node puts "; " between several headers, the platform's own Headers put ", " there: no value has a comma (RFC 6265).
  for (const pair of cookies.split(/[;,]/)) {
    const at = pair.indexOf("=");
    if (at !== -1 && pair.slice(0, at).trim() === name) values.add(pair.slice(at + 1).trim());
  }
  const [first] = values;
  return values.size === 1 && first !== "" ? first : undefined;
}

function isLoopbackHttp(address: string): boolean {
  try {
    const url = new URL(address);
    return url.protocol === "http:" && isSecure(url);
  } catch {
    return false;
  }
}
