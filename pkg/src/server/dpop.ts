import { base64url, calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, jwtVerify, type JWTPayload } from "jose";
import { invalidOption } from "../error.js";
import { fields, functionValue, textValue } from "../options/values.js";
import { ASYMMETRIC } from "./algorithms.js";
import { isCompact } from "./compact.js";
import { isEqual, sha256 } from "./hashes.js";
import { isPublicJwk } from "./keys.js";
import { createNonces, type Nonces } from "./nonces.js";
import { Refusal } from "./refusal.js";
import { createReplays } from "./replays.js";
import type { DpopCheck, JwtClaims, RequestHead } from "./types.js";

/** What is asked of a proof. */
export interface DpopSettings {
  readonly nonces: Nonces | undefined;
  readonly isSeen: (key: string, jti: string, seconds: number) => boolean | Promise<boolean>;
  readonly origin: string | undefined;
}

/** A proof that is good, if it is not used already. */
export interface Proof {
  /** Thumbprint of the key that has signed it. */
  readonly key: string;
  readonly jti: string;
  /** How long it could be used again. */
  readonly seconds: number;
}

/** How far `iat` may be from now, either way. */
const WINDOW_SECONDS = 60;

/** No proof is longer, and no `jti` is. */
const LONGEST = 4096;
const LONGEST_JTI = 256;

/** @throws AuthError `invalid_option` */
export function readDpop(value: unknown, where: string): DpopSettings | undefined {
  if (value === undefined || value === false) return undefined;
  const all = fields(where, value === true ? {} : value, ["nonce", "seen", "origin"], "true, false or an object");
  const nonce = all.optional("nonce", functionValue) as DpopCheck["nonce"];
  const seen = all.optional("seen", functionValue) as DpopCheck["seen"];
  const here = createReplays(2 * WINDOW_SECONDS + 1);
  return {
    nonces: nonce && createNonces(nonce, `${where}.nonce`),
    // Of two keys, each may choose its texts.
    isSeen: seen ? (_key, jti, seconds) => seen(jti, seconds) : (key, jti) => here(`${key} ${jti}`),
    origin: all.optional("origin", originValue),
  };
}

function originValue(value: unknown, where: string): string {
  const text = textValue(value, where);
  const rule = 'must be an origin such as "https://api.example.com"';
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalidOption(where, rule);
  }
  if (!/^https?:$/.test(url.protocol) || text.replace(/\/$/, "") !== url.origin) throw invalidOption(where, rule);
  return url.origin;
}

/**
 * The proof of a request, by the key that its token is bound to (RFC 9449, section 4.3 and 7.1).
 * @throws Refusal
 */
export async function checkProof(request: RequestHead, token: string, claims: JwtClaims, settings: DpopSettings): Promise<Proof> {
  const bound = boundKey(claims);
  if (bound === undefined) throw new Refusal("key_binding_missing");
  const text = request.headers.get("DPoP");
  if (text === null) throw new Refusal("proof_missing");
  const payload = await verifyProof(text, bound);

  const { jti, htm, htu, iat, ath, nonce } = payload;
  if (typeof jti !== "string" || jti === "" || jti.length > LONGEST_JTI) throw new Refusal("proof_invalid");
  if (htm !== request.method || !isAddressOf(htu, request, settings.origin)) throw new Refusal("proof_invalid");
  if (settings.nonces !== undefined && !settings.nonces.isGood(nonce)) throw new Refusal("nonce_needed");
  const now = Math.floor(Date.now() / 1000);
  if (typeof iat !== "number" || !(Math.abs(now - iat) <= WINDOW_SECONDS)) throw new Refusal("proof_outdated");
  const hash = base64url.encode(await sha256(token));
  if (typeof ath !== "string" || !isEqual(ath, hash)) throw new Refusal("proof_invalid");
  return { key: bound, jti, seconds: Math.ceil(iat + WINDOW_SECONDS - now) + 1 };
}

/**
 * Uses a proof up: the last step, so that a refused request has not used it.
 * @throws Refusal `proof_replayed`
 */
export async function spendProof({ key, jti, seconds }: Proof, settings: DpopSettings): Promise<void> {
  if (await settings.isSeen(key, jti, seconds)) throw new Refusal("proof_replayed");
}

/** The thumbprint of the key that a token is bound to (RFC 9449, section 6.1). */
export function boundKey(claims: JwtClaims): string | undefined {
  const { cnf } = claims;
  const jkt = typeof cnf === "object" && cnf !== null ? (cnf as { jkt?: unknown }).jkt : undefined;
  return typeof jkt === "string" && jkt !== "" ? jkt : undefined;
}

/** Shape, type, key, algorithm and signature. A key that the token is not bound to is never tried. */
async function verifyProof(text: string, bound: string): Promise<JWTPayload> {
  if (text.length > LONGEST || !isCompact(text)) throw new Refusal("proof_invalid");
  const thumbprint = await thumbprintIn(text).catch(() => undefined);
  if (thumbprint === undefined) throw new Refusal("proof_invalid");
  if (!isEqual(thumbprint, bound)) throw new Refusal("key_binding_mismatch");
  try {
    const { payload, protectedHeader } = await jwtVerify(text, EmbeddedJWK, { algorithms: [...ASYMMETRIC], clockTolerance: WINDOW_SECONDS });
    if (protectedHeader.typ === "dpop+jwt") return payload;
  } catch {
    // Told below: what exactly is wrong with it is of no use to its maker.
  }
  throw new Refusal("proof_invalid");
}

async function thumbprintIn(text: string): Promise<string | undefined> {
  const { jwk } = decodeProtectedHeader(text);
  return isPublicJwk(jwk) ? calculateJwkThumbprint(jwk) : undefined;
}

/** Whether `htu` names this address: as addresses, and without query and fragment (RFC 9449, section 4.3, item 9). */
function isAddressOf(htu: unknown, request: RequestHead, origin: string | undefined): boolean {
  try {
    const { pathname, origin: own } = new URL(request.url);
    return typeof htu === "string" && plain(new URL(htu)) === `${origin ?? own}${pathname}`;
  } catch {
    return false;
  }
}

/** What of an address counts. A user name makes it another one. */
function plain({ username, password, origin, pathname }: URL): string | undefined {
  return username === "" && password === "" ? `${origin}${pathname}` : undefined;
}
