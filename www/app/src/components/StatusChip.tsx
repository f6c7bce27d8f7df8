import { useSession } from "hallpass/react";
import type { ReactElement } from "react";
import type { DemoClaims } from "../auth";
import { usePhase } from "../hooks/usePhase";
import "./StatusChip.css";

/** The session's state in the header, for people as text and for tests as attributes. */
export function StatusChip(): ReactElement {
  const session = useSession<DemoClaims>();
  const phase = usePhase();
  const live = session.status === "signed-in" ? session : null;
  return (
    <span
      className={`chip chip-${phase.name}`}
      data-testid="status"
      data-status={session.status}
      data-phase={phase.name}
      data-reason={session.status === "signed-out" ? session.reason : undefined}
      data-stale={live?.stale}
      data-expires-at={live?.expiresAt ?? undefined}
      data-refresh-at={live?.refreshAt ?? undefined}
    >
      <span className="chip-dot" aria-hidden="true" />
      {phase.text}
    </span>
  );
}
