import { fields, nameValue, numberValue, tokenValue } from "../options/values.js";
import { cookieValue, hardenedName } from "./cookies.js";
import { hex, isEqual, sha256 } from "./hashes.js";
import { Refusal } from "./refusal.js";
import type { Fingerprint, JwtClaims, RequestHead } from "./types.js";

/** Where the two halves of a fingerprint are. */
export interface FingerprintSettings {
  readonly claim: string;
  readonly cookie: string;
}

/** What `createAuth` and the reference server call it. */
const COOKIE = "Fgp";

/** 400 days: browsers keep no cookie longer (RFC 6265bis, section 5.5). */
const LONGEST_COOKIE_SECONDS = 34_560_000;

/** @throws AuthError `invalid_option` */
export function readFingerprint(value: unknown, where: string): FingerprintSettings | undefined {
  if (value === undefined || value === false) return undefined;
  const all = fields(where, value === true ? {} : value, ["claim", "cookie"], "true, false or an object");
  return { claim: all.optional("claim", nameValue) ?? "userFingerprint", cookie: all.optional("cookie", tokenValue) ?? COOKIE };
}

/**
 * The hash in the token against the cookie (OWASP, token sidejacking).
 * @throws Refusal `fingerprint_missing` | `fingerprint_mismatch`
 */
export async function checkFingerprint(request: RequestHead, claims: JwtClaims, settings: FingerprintSettings): Promise<void> {
  const claim = claims[settings.claim];
  const value = cookieValue(request, settings.cookie);
  if (typeof claim !== "string" || claim === "" || value === undefined) throw new Refusal("fingerprint_missing");
  if (!isEqual(hex(await sha256(value)), claim.toLowerCase())) throw new Refusal("fingerprint_mismatch");
}

/** @throws AuthError `invalid_option` */
export async function makeFingerprint(options: unknown): Promise<Fingerprint> {
  const all = fields("options", options, ["cookie", "maxAgeSeconds"]);
  const name = hardenedName(all.optional("cookie", tokenValue) ?? COOKIE);
  const seconds = Math.floor(all.optional("maxAgeSeconds", numberValue) ?? LONGEST_COOKIE_SECONDS);
  const value = hex(crypto.getRandomValues(new Uint8Array(32)));
  return {
    hash: hex(await sha256(value)),
    setCookie: `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${String(Math.min(seconds, LONGEST_COOKIE_SECONDS))}`,
  };
}
