import { safe } from "./dom.js";
import { clock } from "./time.js";
import type { AuthError } from "../error.js";
import type { Change, Session, SignOutReason } from "../types.js";

/** What a session is called. */
export function statusOf(session: Session<object>): string {
  if (session.status === "signed-in") return session.stale ? "stale" : "signed in";
  return session.status === "signed-out" ? "signed out" : "loading";
}

/** What happened, in one sentence. */
export function describe(change: Change): string {
  switch (change.type) {
    case "restored":
      return "the stored session is back";
    case "signed-in":
      return "a session began";
    case "refreshed":
      return change.by === "this-tab" ? "this tab has new tokens" : "another tab got new tokens";
    case "refresh-failed":
      return `${failure(change.error)}. ${change.retryAt === null ? "No further attempt is planned" : `Next attempt at ${clock(change.retryAt)}`}`;
    case "signed-out":
      return WHY_SIGNED_OUT[change.reason];
    case "idle-warning":
      return `without activity the session ends at ${clock(change.signOutAt)}`;
    case "storage-degraded":
      return `${failure(change.error)}. From now on the session lives in memory`;
  }
}

/** Every reason for a session's end. */
export const WHY_SIGNED_OUT: Readonly<Record<SignOutReason, string>> = {
  "never-signed-in": "nobody has signed in yet",
  user: "signOut() in this tab",
  "other-tab": "signOut() in another tab",
  expired: "the token ended, and there is no way to refresh",
  rejected: "the server refused the refresh",
  idle: "nobody did anything for limits.idleSeconds",
  "session-limit": "limits.sessionSeconds are over",
  fingerprint: "the token carries no fingerprint, or another one",
  storage: "somebody removed or damaged the stored session",
  unreachable: "the server, which may know this browser, cannot be reached; it is asked again",
};

function failure(error: AuthError): string {
  const status = error.status === undefined ? "" : `, status ${String(error.status)}`;
  const { cause } = error as { cause?: unknown };
  const because = cause instanceof Error && "code" in cause ? `, because of ${String(cause.code)}` : "";
  return safe(`${error.code}${status}${because}: ${error.message.replace(/\.$/, "")}`);
}
