import { invalidOption } from "../error.js";
import { wrong } from "../options/values.js";

/** Signed with a private key, checked with a public one (RFC 7518, RFC 8037, RFC 9864). */
export const ASYMMETRIC: readonly string[] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];

/** Signed and checked with one secret, and how many bytes it has at least (RFC 7518, section 3.2). */
const SECRET_BYTES: ReadonlyMap<string, number> = new Map([
  ["HS256", 32],
  ["HS384", 48],
  ["HS512", 64],
]);

export const SYMMETRIC: readonly string[] = [...SECRET_BYTES.keys()];

/**
 * The allow-list, out of those that the keys can be for. A public key is never taken for a secret: what is public anybody
 * could sign with.
 * @throws AuthError `invalid_option`
 */
export function algorithmList(value: unknown, where: string, fitting: readonly string[]): string[] {
  const isSecret = fitting.every((name) => SYMMETRIC.includes(name));
  if (value === undefined) {
    if (!isSecret) return [...fitting];
    throw invalidOption(where, `must allow ${fitting.join(", ")} by name where options.keys is a shared secret`);
  }
  const rule = `must be an array of algorithms that options.keys can be for: ${fitting.join(", ")}`;
  if (!Array.isArray(value) || value.length === 0) throw wrong(where, rule, value);
  for (const [index, name] of (value as unknown[]).entries()) {
    const place = `${where}[${String(index)}]`;
    if (typeof name !== "string") throw wrong(place, "must be a text such as \"RS256\"", name);
    if (!fitting.includes(name)) throw invalidOption(place, `is none of those that options.keys can be for: ${fitting.join(", ")}`);
  }
  return value as string[];
}

/** @throws AuthError `invalid_option`: a secret that can be guessed */
export function refuseShort(bytes: number, algorithms: readonly string[], where: string): void {
  const least = Math.max(...algorithms.map((name) => SECRET_BYTES.get(name) ?? 0));
  if (bytes < least) throw invalidOption(where, `must have at least ${String(least)} bytes, which are as hard to guess as they are many`);
}

/** What a key of the platform can be for. */
export function algorithmsOf({ name, hash, namedCurve }: { name: string; hash?: { name: string }; namedCurve?: string }): string[] {
  const bits = /^SHA-(256|384|512)$/.exec(hash?.name ?? "")?.[1] ?? "";
  switch (name) {
    case "RSASSA-PKCS1-v1_5":
      return [`RS${bits}`];
    case "RSA-PSS":
      return [`PS${bits}`];
    case "ECDSA":
      return { "P-256": ["ES256"], "P-384": ["ES384"], "P-521": ["ES512"] }[namedCurve ?? ""] ?? [];
    case "Ed25519":
      return ["EdDSA", "Ed25519"];
    case "HMAC":
      return [`HS${bits}`];
    default:
      return [];
  }
}
