import type { Change } from "hallpass";
import type { ReactElement } from "react";
import type { LoggedChange } from "../changeLog";
import { clockTime } from "../time";

export function ChangeItem({ entry: { id, at, change } }: { entry: LoggedChange }): ReactElement {
  return (
    <li
      className={`change change-${change.type}`}
      data-testid="change"
      data-index={id}
      data-at={at}
      data-type={change.type}
      data-reason={change.type === "signed-out" ? change.reason : undefined}
      data-by={change.type === "refreshed" ? change.by : undefined}
      data-code={"error" in change ? change.error.code : undefined}
      data-retry-at={change.type === "refresh-failed" ? (change.retryAt ?? undefined) : undefined}
    >
      <time dateTime={new Date(at).toISOString()}>{clockTime(at)}</time>
      <span className="change-type">{change.type}</span>
      <span className="change-detail">{detail(change)}</span>
    </li>
  );
}

function detail(change: Change): string {
  switch (change.type) {
    case "restored":
      return "found in storage after a reload";
    case "signed-in":
      return "";
    case "refreshed":
      return change.by === "this-tab" ? "by this tab" : "by another tab";
    case "refresh-failed":
      return change.retryAt === null ? change.error.code : `${change.error.code}, again at ${clockTime(change.retryAt)}`;
    case "signed-out":
      return change.reason;
    case "idle-warning":
      return `signs out at ${clockTime(change.signOutAt)}`;
    case "storage-degraded":
      return change.error.code;
  }
}
