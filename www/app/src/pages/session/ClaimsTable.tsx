import { helpCircleOutline } from "ionicons/icons";
import type { ReactElement } from "react";
import type { DemoClaims } from "../../auth";
import { EmptyState } from "../../components/EmptyState";
import { moment } from "../../time";
import "./ClaimsTable.css";

const TIMES = new Set(["exp", "iat", "nbf", "softexp", "auth_time"]);

export function ClaimsTable({ claims }: { claims: DemoClaims | null }): ReactElement {
  if (claims === null) return <EmptyState icon={helpCircleOutline} text="This token is opaque: it cannot be read." />;
  return (
    <table className="claims" data-testid="claims">
      <thead className="visually-hidden">
        <tr>
          <th scope="col">Claim</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(claims).map(([claim, value]) => (
          <tr key={claim} data-claim={claim}>
            <th scope="row">{claim}</th>
            <td>
              <span className="claim-value">{typeof value === "string" ? value : JSON.stringify(value)}</span>
              {TIMES.has(claim) && typeof value === "number" && <span className="claim-time">{moment(value * 1000)}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
