import type { CSSProperties, ReactElement } from "react";
import { useNow } from "../../hooks/useNow";
import { clockTime } from "../../time";
import { type Life, share } from "./life";
import "./TimeLine.css";

/** The token's life from issue to expiry, with the moment of renewal and the present on it. */
export function TimeLine({ life }: { life: Life }): ReactElement {
  const now = useNow();
  const renewal = life.refreshAt === null ? 1 : share(life, life.refreshAt);
  const place = { "--now": share(life, now), "--renewal": renewal } as CSSProperties;
  return (
    <div className="line" style={place} data-testid="time-line" data-now={now}>
      <p className="visually-hidden">{inWords(life)}</p>
      <div className="line-now" aria-hidden="true">
        <span>now</span>
      </div>
      <div className="line-track" aria-hidden="true">
        <div className="line-window" />
        <div className="line-spent" />
        {life.refreshAt !== null && <div className="line-renewal" />}
        <div className="line-dot" />
      </div>
      <dl className="line-points">
        <div>
          <dt className="line-key-spent">Issued</dt>
          <dd data-testid="issued-at" data-at={life.issuedAt}>
            {clockTime(life.issuedAt)}
          </dd>
        </div>
        {life.refreshAt !== null && (
          <div>
            <dt className="line-key-renewal">Refresh due</dt>
            <dd data-testid="refresh-at" data-at={life.refreshAt}>
              {clockTime(life.refreshAt)}
            </dd>
          </div>
        )}
        <div>
          <dt className="line-key-window">Expires</dt>
          <dd data-testid="expires-at" data-at={life.expiresAt}>
            {clockTime(life.expiresAt)}
          </dd>
        </div>
      </dl>
    </div>
  );
}

function inWords({ issuedAt, refreshAt, expiresAt }: Life): string {
  const due = refreshAt === null ? "no refresh is due" : `refresh due at ${clockTime(refreshAt)}`;
  return `Issued at ${clockTime(issuedAt)}, ${due}, expires at ${clockTime(expiresAt)}.`;
}
