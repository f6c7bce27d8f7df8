import type { ReactElement } from "react";
import type { Batch } from "../../requests/report";
import { RowTable } from "./RowTable";
import { summary } from "./summary";
import { verdict } from "./verdict";
import "./BatchCard.css";

/** The report of one press of a button: a square for each answer, the sum in words, and every row. */
export function BatchCard({ batch }: { batch: Batch }): ReactElement {
  const { rows, wire } = batch;
  return (
    <article
      className="batch"
      data-testid="batch"
      data-index={batch.id}
      data-action={batch.action}
      data-client={batch.client}
      data-count={rows.length}
      data-wire-requests={wire.requests}
      data-wire-refreshes={wire.refreshes}
    >
      <header className="batch-head">
        <h3>{batch.title}</h3>
        <span className="batch-client">{batch.client}</span>
        <span className="batch-time">{batch.milliseconds} ms</span>
      </header>
      <div className="squares" aria-hidden="true">
        {rows.map((row, index) => (
          <span key={index} className={`square square-${verdict(row)}`} />
        ))}
      </div>
      <p className="batch-sum">{summary(batch)}</p>
      <details open={rows.length === 1}>
        <summary>{rows.length === 1 ? "The answer" : `All ${rows.length} answers`}</summary>
        <RowTable rows={rows} />
      </details>
    </article>
  );
}
