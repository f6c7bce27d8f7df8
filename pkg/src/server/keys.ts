import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet as JoseKeySet, type JWTVerifyGetKey } from "jose";
import { invalidOption } from "../error.js";
import { isPrivateHttp, isSecure } from "../options/secure-url.js";
import { wrong } from "../options/values.js";
import { tagOf } from "../platform/builtins.js";
import { algorithmsOf, ASYMMETRIC, SYMMETRIC } from "./algorithms.js";
import { Refusal } from "./refusal.js";
import type { CryptoKey } from "./types.js";

/** Where a token's key is found. */
export interface Keys {
  readonly find: JWTVerifyGetKey;
  /** The algorithms that these keys can be for. */
  readonly fitting: readonly string[];
  /** How long a shared secret is. */
  readonly secretBytes?: number;
}

const RULE = "must be the URL of a JSON Web Key Set, such a set, a CryptoKey or the bytes of a shared secret";

/** @throws AuthError `invalid_option` */
export function readKeys(value: unknown, where: string, allowsHttp: boolean): Keys {
  if (typeof value === "string" || value instanceof URL) return remote(value, where, allowsHttp);
  if (typeof value !== "object" || value === null) throw wrong(where, RULE, value);
  switch (tagOf(value)) {
    case "[object Uint8Array]": {
      const secret = new Uint8Array(value as Uint8Array);
      return { find: () => Promise.resolve(secret), fitting: SYMMETRIC, secretBytes: secret.length };
    }
    case "[object CryptoKey]":
      return single(value as CryptoKey, where);
    default:
      return local(value, where);
  }
}

function remote(value: string | URL, where: string, allowsHttp: boolean): Keys {
  const url = parse(value);
  if (url === undefined) throw invalidOption(where, `${RULE}; this text is no absolute URL, and a secret has to be bytes`);
  if (!isSecure(url) && !(allowsHttp && isPrivateHttp(url))) {
    throw invalidOption(where, "must be https, or http on localhost (with options.allowHttp: in a private network)");
  }
  return { find: told(createRemoteJWKSet(url)), fitting: ASYMMETRIC };
}

function parse(value: string | URL): URL | undefined {
  try {
    return new URL(value);
  } catch {
    return undefined;
  }
}

function local(value: object, where: string): Keys {
  const { keys } = value as { keys?: unknown };
  if (!Array.isArray(keys) || keys.length === 0) throw invalidOption(where, `${RULE}; a set has an array of keys, and at least one`);
  for (const [index, key] of (keys as unknown[]).entries()) {
    if (!isPublicJwk(key)) throw invalidOption(`${where}.keys[${String(index)}]`, "must be a public key: of the kty RSA, EC or OKP, and without its private part");
  }
  return { find: told(createLocalJWKSet(value as JoseKeySet)), fitting: ASYMMETRIC };
}

/** Whether this says that it is a public key (RFC 7518, section 6; RFC 8037, section 2). */
export function isPublicJwk(key: unknown): key is Record<string, unknown> {
  if (typeof key !== "object" || key === null) return false;
  const { kty } = key as { kty?: unknown };
  return (kty === "RSA" || kty === "EC" || kty === "OKP") && !["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"].some((name) => name in key);
}

function single(key: CryptoKey, where: string): Keys {
  if (key.type === "private") throw invalidOption(where, "must be the public key: the private one stays where tokens are signed");
  if (!key.usages.includes("verify")) throw invalidOption(where, 'must be a key whose usages have "verify"');
  const fitting = algorithmsOf(key.algorithm);
  if (!fitting.every((name) => ASYMMETRIC.includes(name) || SYMMETRIC.includes(name)) || fitting.length === 0) {
    throw invalidOption(where, "is a key for none of the algorithms of JSON Web Tokens that are known here");
  }
  const bits = (key.algorithm as { length?: number }).length;
  const secretBytes = key.type === "secret" && bits !== undefined ? { secretBytes: bits / 8 } : {};
  return { find: () => Promise.resolve(key), fitting, ...secretBytes };
}

/** Trouble with the set itself is not the token's: told apart from a token that names no key of it. */
function told(find: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      if (OF_THE_TOKEN.has((error as { code?: unknown }).code)) throw error;
      throw new Refusal("keys_unavailable", error);
    }
  };
}

const OF_THE_TOKEN: ReadonlySet<unknown> = new Set(["ERR_JWKS_NO_MATCHING_KEY", "ERR_JWKS_MULTIPLE_MATCHING_KEYS", "ERR_JOSE_NOT_SUPPORTED"]);
