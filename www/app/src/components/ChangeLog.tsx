import { timeOutline } from "ionicons/icons";
import type { ReactElement } from "react";
import { useChangeLog } from "../hooks/useChangeLog";
import { ChangeItem } from "./ChangeItem";
import { EmptyState } from "./EmptyState";
import "./ChangeLog.css";

/** Every change that the session has told of since this page was loaded. */
export function ChangeLog(): ReactElement {
  const log = useChangeLog();
  if (log.length === 0) return <EmptyState icon={timeOutline} text="Nothing has happened yet." />;
  return (
    <ol className="change-log" data-testid="change-log" tabIndex={0} aria-label="Changes, newest first">
      {log.map((entry) => (
        <ChangeItem key={entry.id} entry={entry} />
      ))}
    </ol>
  );
}
