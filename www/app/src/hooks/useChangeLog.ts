import { useSyncExternalStore } from "react";
import { loggedChanges, onLoggedChange, type LoggedChange } from "../changeLog";

/** Every change of the session since this page was loaded, newest first. */
export function useChangeLog(): readonly LoggedChange[] {
  return useSyncExternalStore(onLoggedChange, loggedChanges);
}
