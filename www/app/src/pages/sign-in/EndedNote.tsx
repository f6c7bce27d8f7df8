import type { SignOutReason } from "hallpass";
import type { ReactElement } from "react";

/** Why the last session ended, for those who did not end it by themselves just now. */
export function EndedNote({ reason }: { reason: SignOutReason }): ReactElement | null {
  if (reason === "never-signed-in") return null;
  return (
    <p className="ended" role="status" data-testid="ended" data-reason={reason}>
      {WORDS[reason]}
    </p>
  );
}

const WORDS: Record<Exclude<SignOutReason, "never-signed-in">, string> = {
  user: "You are signed out.",
  "other-tab": "You signed out in another tab.",
  expired: "Your session has expired.",
  rejected: "The server has ended your session.",
  idle: "You were signed out because nothing happened for a while.",
  "session-limit": "You were signed out because the longest session time is over.",
  fingerprint: "You were signed out because the token does not belong to this browser.",
  storage: "You were signed out because the stored session was removed or damaged.",
  unreachable: "The server cannot be reached. If you were signed in, your session comes back by itself.",
};
