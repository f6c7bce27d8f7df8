import { errors, jwtVerify, type JWTVerifyOptions, type JWTVerifyResult } from "jose";
import { bare } from "../options/values.js";
import { hasOwn } from "../platform/builtins.js";
import { isCompact } from "./compact.js";
import type { Keys } from "./keys.js";
import { Refusal } from "./refusal.js";
import type { JwtClaims, RequestHead, UnauthorizedCode } from "./types.js";

/** How tokens travel. */
export interface HeaderSettings {
  readonly name: string;
  readonly scheme: string;
}

/** What is asked of every token. */
export interface TokenSettings {
  readonly issuer: string;
  readonly audience: string[];
  readonly keys: Keys;
  readonly algorithms: string[];
  readonly requiredClaims: readonly string[];
  readonly tolerance: number;
  readonly tokenBytes: number;
}

/** The token of a request, or `undefined`: no such header, or another scheme, whose names know no case (RFC 9110, section 11.1). */
export function presented({ headers }: RequestHead, { name, scheme }: HeaderSettings): string | undefined {
  const value = headers.get(name)?.trim() ?? "";
  if (value === "") return undefined;
  if (scheme === "") return value;
  const isOurs = value.slice(0, scheme.length + 1).toLowerCase() === `${scheme.toLowerCase()} `;
  const token = isOurs ? value.slice(scheme.length).trim() : "";
  return token === "" ? undefined : token;
}

/**
 * The claims of a token that is what it says.
 * @throws Refusal
 */
export async function verifyToken(token: string, settings: TokenSettings): Promise<JwtClaims> {
  if (token.length > settings.tokenBytes) throw new Refusal("token_too_large");
  if (!isCompact(token)) throw new Refusal("malformed_token");
  const options: JWTVerifyOptions = {
    algorithms: settings.algorithms,
    issuer: settings.issuer,
    audience: settings.audience,
    clockTolerance: settings.tolerance,
    // A token without an end would be good for ever.
    requiredClaims: ["exp"],
  };
  const { payload, protectedHeader } = await verify(token, settings.keys, options).catch((error: unknown) => {
    throw error instanceof Refusal ? error : new Refusal(codeOf(error));
  });
  if (!isAccessTokenType(protectedHeader.typ)) throw new Refusal("token_type_mismatch");
  if (!settings.requiredClaims.every((name) => hasOwn(payload, name))) throw new Refusal("claim_missing");
  return bare<JwtClaims>({ ...payload });
}

/** Where several keys of a set fit what the token says of its key, one of them must have made its signature. */
async function verify(token: string, keys: Keys, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys.find, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, options);
      } catch (refusal) {
        // Its signature is right, the rest is not: another key can change nothing.
        if (codeIn(refusal).startsWith("ERR_JWT_")) throw refusal;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/**
 * An access token says so (RFC 9068, section 2.1), or only that it is a JWT, or nothing. Others are refused (RFC 8725,
 * section 3.11): a logout token or a proof must not pass for one.
 */
function isAccessTokenType(type: unknown): boolean {
  return type === undefined || (typeof type === "string" && /^(?:application\/)?(?:at\+)?jwt$/i.test(type));
}

function codeOf(error: unknown): UnauthorizedCode {
  switch (codeIn(error)) {
    case "ERR_JWT_EXPIRED":
      return "token_expired";
    case "ERR_JWT_CLAIM_VALIDATION_FAILED":
      return codeOfClaim(error as errors.JWTClaimValidationFailed);
    case "ERR_JOSE_ALG_NOT_ALLOWED":
    case "ERR_JOSE_NOT_SUPPORTED":
      return "algorithm_refused";
    case "ERR_JWKS_NO_MATCHING_KEY":
      return "unknown_key";
    case "ERR_JWS_INVALID":
    case "ERR_JWT_INVALID":
      return "malformed_token";
    default:
      // The key cannot be for this signature.
      return "signature_invalid";
  }
}

function codeOfClaim({ claim, reason }: errors.JWTClaimValidationFailed): UnauthorizedCode {
  if (reason === "invalid") return "malformed_token";
  if (reason === "missing") return "claim_missing";
  if (claim === "iss") return "issuer_mismatch";
  if (claim === "aud") return "audience_mismatch";
  return claim === "nbf" ? "token_not_active" : "malformed_token";
}

function codeIn(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}
