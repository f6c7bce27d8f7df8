import { createHash } from "node:crypto";
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from "jose";

/** A DPoP proof as it came, unverified; null where there is none. */
export function decodeProof(text) {
  if (!text) return null;
  const [header, payload] = text.split(".").map(part);
  return { header, payload };
}

/**
 * Verifies the proof of one request to a resource (RFC 9449, 4.3 and 7): signature by its own key, method, URL, age, the
 * token it goes with, a key that the token is bound to, and used for the first time.
 *
 * @param {string} text the header DPoP
 * @param {{ method: string, url: string, token: string, thumbprint: string, seen: Set<string> }} request
 * @returns {Promise<string | undefined>} the nonce that it names
 */
export async function verifyProof(text, { method, url, token, thumbprint, seen }) {
  const { payload, protectedHeader } = await jwtVerify(text, EmbeddedJWK, { typ: "dpop+jwt", algorithms: ["ES256"] });
  if (protectedHeader.jwk.d !== undefined) throw new Error("the proof holds a private key");
  if ((await calculateJwkThumbprint(protectedHeader.jwk)) !== thumbprint) throw new Error("jkt: the token is bound to another key");
  if (payload.htm !== method) throw new Error(`htm: ${payload.htm}, not ${method}`);
  const expected = new URL(url);
  if (payload.htu !== expected.origin + expected.pathname) throw new Error(`htu: ${payload.htu}, not ${expected.origin}${expected.pathname}`);
  if (Math.abs(payload.iat - Date.now() / 1000) > 60) throw new Error("iat: not of now");
  if (payload.ath !== createHash("sha256").update(token).digest("base64url")) throw new Error("ath: made for another token");
  if (typeof payload.jti !== "string" || payload.jti.length < 8) throw new Error("jti: missing, or too short to be random");
  if (seen.has(payload.jti)) throw new Error("jti: used before");
  seen.add(payload.jti);
  return payload.nonce;
}

function part(text) {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return null;
  }
}
