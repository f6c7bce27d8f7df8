import { presented, verifyToken } from "./access-token.js";
import { ASYMMETRIC } from "./algorithms.js";
import { boundKey, checkProof, spendProof } from "./dpop.js";
import { checkFingerprint } from "./fingerprint.js";
import type { Settings } from "./read-options.js";
import { Refusal } from "./refusal.js";
import type { RequestHead, Verified } from "./types.js";
import { Unauthorized } from "./unauthorized.js";

/** @throws Unauthorized */
export async function verifyRequest(request: RequestHead, settings: Settings): Promise<Verified> {
  try {
    return await admit(request, settings);
  } catch (error) {
    if (error instanceof Refusal) throw unauthorized(error, settings);
    throw error;
  }
}

/**
 * The token first, then what it is bound to, so that a token alone learns nothing more where it is bound. A proof is used
 * up by a request that passes, and by no other.
 */
async function admit(request: RequestHead, settings: Settings): Promise<Verified> {
  const { header, fingerprint, dpop } = settings;
  const token = presented(request, header);
  if (token === undefined) throw new Refusal(dpop && presented(request, BEARER) !== undefined ? "key_binding_missing" : "token_missing");
  const claims = await verifyToken(token, settings);
  const proof = dpop && (await checkProof(request, token, claims, dpop));
  // Taken as a bearer token, it would lose what protects it (RFC 9449, section 7.2).
  if (!dpop && boundKey(claims) !== undefined) throw new Refusal("binding_unchecked");
  if (fingerprint) await checkFingerprint(request, claims, fingerprint);
  if (dpop && proof) await spendProof(proof, dpop);
  return { claims, token };
}

const BEARER = { name: "Authorization", scheme: "Bearer" };

/** How it is told: by the scheme that the token needs. */
function unauthorized({ code, reason }: Refusal, { header, dpop }: Settings): Unauthorized {
  const scheme = /^[!#$%&'*+.^_`|~\w-]+$/.test(header.scheme) ? header.scheme : BEARER.scheme;
  return new Unauthorized(code, { scheme, cause: reason, ...(dpop && { algs: ASYMMETRIC, nonce: dpop.nonces?.current() }) });
}
