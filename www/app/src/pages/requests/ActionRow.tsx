import { IonButton } from "@ionic/react";
import type { ReactElement } from "react";
import type { Action } from "../../requests/actions";
import type { Batch, Client } from "../../requests/report";
import { summary } from "./summary";

interface ActionRowProps {
  action: Action;
  /** What it gave the last time. */
  latest: Batch | undefined;
  disabled: boolean;
  onStart: (client: Client) => void;
}

const CLIENTS: readonly Client[] = ["fetch", "axios"];

export function ActionRow({ action, latest, disabled, onStart }: ActionRowProps): ReactElement {
  return (
    <li className="action">
      <div className="action-words">
        <h3>{action.title}</h3>
        <p>{action.about}</p>
        {latest !== undefined && <p className="action-latest">{summary(latest)}</p>}
      </div>
      <div className="action-buttons">
        {CLIENTS.map((client) => (
          <IonButton
            key={client}
            size="small"
            fill="outline"
            disabled={disabled}
            aria-label={`${action.title}, by ${client}`}
            onClick={() => {
              onStart(client);
            }}
            data-testid={`${action.name}-${client}`}
          >
            {client}
          </IonButton>
        ))}
      </div>
    </li>
  );
}
