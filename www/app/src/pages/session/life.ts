import type { Session } from "hallpass";
import { loggedChanges } from "../../changeLog";
import type { DemoClaims } from "../../auth";

export type SignedInSession = Extract<Session<DemoClaims>, { status: "signed-in" }>;

/** The three fixed points of a token's life, in milliseconds since epoch on this device's clock. */
export interface Life {
  readonly issuedAt: number;
  readonly refreshAt: number | null;
  readonly expiresAt: number;
}

/** `null` for a token that never expires, or does not say when. */
export function lifeOf({ claims, expiresAt, refreshAt }: SignedInSession): Life | null {
  if (expiresAt === null) return null;
  return { issuedAt: issuedAt(claims, expiresAt), refreshAt, expiresAt };
}

/** Where a moment lies between issue and expiry: 0 to 1. */
export function share(life: Life, at: number): number {
  const length = Math.max(1, life.expiresAt - life.issuedAt);
  return Math.min(1, Math.max(0, (at - life.issuedAt) / length));
}

/** Counted back from the expiry, so that a wrong device clock does not move it; for an opaque token, when it came. */
function issuedAt(claims: DemoClaims | null, expiresAt: number): number {
  if (typeof claims?.iat === "number" && typeof claims.exp === "number") {
    return expiresAt - (claims.exp - claims.iat) * 1000;
  }
  const came = loggedChanges().find(({ change }) => ["restored", "signed-in", "refreshed"].includes(change.type));
  return came?.at ?? expiresAt;
}
