import type { ReactElement } from "react";
import type { Row } from "../../requests/report";
import { verdict } from "./verdict";
import "./RowTable.css";

export function RowTable({ rows }: { rows: readonly Row[] }): ReactElement {
  return (
    <div className="rows-scroll" tabIndex={0} role="region" aria-label="Answers">
      <table className="rows">
        <thead>
          <tr>
            <th scope="col">Sent</th>
            <th scope="col">Token seen</th>
            <th scope="col">Status</th>
            <th scope="col">Came back</th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <RequestRow key={index} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RequestRow({ row }: { row: Row }): ReactElement {
  const { method, url, client, tokenSeen, status, milliseconds, answer, kind, identical } = row;
  const { host, pathname, search } = new URL(url);
  return (
    <tr
      data-testid="request"
      data-client={client}
      data-method={method}
      data-url={url}
      data-token-seen={tokenSeen ?? "unknown"}
      data-status={status ?? "none"}
      data-kind={kind}
      data-identical={identical}
      data-milliseconds={milliseconds}
      data-verdict={verdict(row)}
    >
      <td data-label="Sent">
        <code>
          {method} {pathname + search}
        </code>
        <span className="row-host">{kind ?? host}</span>
      </td>
      <td data-label="Token seen">{tokenSeen === null ? "?" : tokenSeen ? "yes" : "no"}</td>
      <td data-label="Status">
        <span className={`row-status row-status-${verdict(row)}`}>{status ?? "none"}</span>
      </td>
      <td data-label="Came back">{answer === "" ? "–" : answer}</td>
      <td data-label="Time">{milliseconds} ms</td>
    </tr>
  );
}
