/** Base64url as its encoders write it: no padding, no bits left over (RFC 7515, section 2; RFC 4648, section 3.5). */
const PART = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

/**
 * Whether this has the form of a signed token: three parts, none empty. jose reads the parts. It also reads other ways to
 * write the same bytes, and here a token has one text only: what is changed in any place is another token.
 */
export function isCompact(text: string): boolean {
  const parts = text.split(".", 4);
  return parts.length === 3 && parts.every((part) => part !== "" && PART.test(part));
}
