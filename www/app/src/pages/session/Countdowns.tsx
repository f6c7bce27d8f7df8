import type { ReactElement } from "react";
import { useNow } from "../../hooks/useNow";
import { countdown } from "../../time";
import "./Countdowns.css";

interface CountdownsProps {
  expiresAt: number | null;
  refreshAt: number | null;
}

export function Countdowns({ expiresAt, refreshAt }: CountdownsProps): ReactElement {
  const now = useNow();
  return (
    <dl className="countdowns">
      <div>
        <dt>{refreshAt === null ? "No renewal" : "Renews in"}</dt>
        <dd data-testid="refresh-in">{refreshAt === null ? "–" : countdown(refreshAt - now)}</dd>
      </div>
      <div>
        <dt>{expiresAt === null ? "No expiry" : "Expires in"}</dt>
        <dd data-testid="expires-in">{expiresAt === null ? "–" : countdown(expiresAt - now)}</dd>
      </div>
    </dl>
  );
}
