import type { Change, Session } from "hallpass";
import { useSession } from "hallpass/react";
import type { DemoClaims } from "../auth";
import { clockTime } from "../time";
import { useChangeLog } from "./useChangeLog";
import { useNow } from "./useNow";
import { useOnline } from "./useOnline";

/** The session in one word and a few more for people. */
export interface Phase {
  readonly name: "starting" | "signed-out" | "good" | "renewing" | "retrying" | "idle" | "stale" | "offline";
  readonly text: string;
}

export function usePhase(): Phase {
  const session = useSession<DemoClaims>();
  const last = useChangeLog()[0]?.change;
  return phaseOf(session, last, useNow(), useOnline());
}

function phaseOf(session: Session<DemoClaims>, last: Change | undefined, now: number, online: boolean): Phase {
  if (session.status === "loading") return { name: "starting", text: "Starting" };
  if (session.status === "signed-out") return { name: "signed-out", text: "Signed out" };
  if (!online) return { name: "offline", text: "Offline" };
  if (session.stale) return { name: "stale", text: "Server out of reach" };
  if (last?.type === "refresh-failed" && last.retryAt !== null) {
    return { name: "retrying", text: `Retry at ${clockTime(last.retryAt)}` };
  }
  if (last?.type === "idle-warning") return { name: "idle", text: `Signing out at ${clockTime(last.signOutAt)}` };
  if (session.refreshAt !== null && now >= session.refreshAt) return { name: "renewing", text: "Renewing" };
  if (session.expiresAt === null) return { name: "good", text: "Signed in" };
  return { name: "good", text: `Signed in until ${clockTime(session.expiresAt)}` };
}
