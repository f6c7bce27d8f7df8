import type { UnauthorizedCode } from "./types.js";

/** The `error` of RFC 6750, section 3.1, and RFC 9449, section 7.1; the sentence that goes with it. */
interface Words {
  /** Missing: the request had no token at all, and the challenge says no more (RFC 6750, section 3.1). */
  readonly error?: "invalid_token" | "invalid_dpop_proof" | "use_dpop_nonce";
  readonly description: string;
}

const token = (description: string): Words => ({ error: "invalid_token", description });
const proof = (description: string): Words => ({ error: "invalid_dpop_proof", description });

/** Fixed sentences: nothing of the request is in them. They fit into a quoted string as they are. */
export const WORDS: Readonly<Record<UnauthorizedCode, Words>> = {
  token_missing: { description: "An access token is needed." },
  token_too_large: token("The token is too long."),
  malformed_token: token("The token is not well-formed."),
  algorithm_refused: token("The token is signed with an algorithm that is not allowed."),
  unknown_key: token("The token is signed with a key that is not known."),
  signature_invalid: token("The signature of the token is wrong."),
  token_type_mismatch: token("The token is no access token."),
  token_expired: token("The token expired."),
  token_not_active: token("The token is not valid yet."),
  issuer_mismatch: token("The token is from another issuer."),
  audience_mismatch: token("The token is for another server."),
  claim_missing: token("The token lacks a claim."),
  fingerprint_missing: token("The fingerprint of the token, or its cookie, is missing."),
  fingerprint_mismatch: token("The token is bound to another browser."),
  binding_unchecked: token("The token is bound to a key, which is not checked here."),
  key_binding_missing: token("The token is not bound to a key, or came as a bearer token."),
  key_binding_mismatch: token("The token is bound to another key."),
  proof_missing: proof("A proof of the key is needed: one."),
  proof_invalid: proof("The proof is not for this request, or not well-formed."),
  proof_outdated: proof("The proof is too old, or from the future."),
  proof_replayed: proof("The proof was used before."),
  nonce_needed: { error: "use_dpop_nonce", description: "The proof needs the nonce of this answer." },
  keys_unavailable: { description: "The keys of the issuer cannot be had at the moment." },
};
