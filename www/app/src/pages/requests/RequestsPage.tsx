import { IonButton } from "@ionic/react";
import { swapVerticalOutline } from "ionicons/icons";
import type { ReactElement } from "react";
import { EmptyState } from "../../components/EmptyState";
import { FailureNote } from "../../components/FailureNote";
import { Page } from "../../components/Page";
import { Panel } from "../../components/Panel";
import { useBatches } from "../../hooks/useBatches";
import { actions } from "../../requests/actions";
import { ActionRow } from "./ActionRow";
import { BatchCard } from "./BatchCard";
import "./RequestsPage.css";

export function RequestsPage(): ReactElement {
  const { batches, running, failure, start, clear } = useBatches();
  return (
    <Page wide name="requests" title="Requests" intro="What is sent, what carries the token, and what comes back.">
      <div className="requests">
        <Panel title="Try">
          <ul className="actions">
            {actions.map((action) => (
              <ActionRow
                key={action.name}
                action={action}
                latest={batches.find((batch) => batch.action === action.name)}
                disabled={running !== null}
                onStart={(client) => void start(action, client)}
              />
            ))}
          </ul>
        </Panel>
        <Panel
          title="What happened"
          aside={
            batches.length > 0 && (
              <IonButton size="small" fill="clear" onClick={clear} data-testid="clear">
                Clear
              </IonButton>
            )
          }
        >
          <FailureNote failure={failure} />
          <div className="batches" data-testid="batches" data-running={running !== null} aria-live="polite">
            {running !== null && <p className="running">{running} …</p>}
            {batches.map((batch) => (
              <BatchCard key={batch.id} batch={batch} />
            ))}
            {batches.length === 0 && running === null && (
              <EmptyState icon={swapVerticalOutline} text="Nothing was sent yet. Pick something to try." />
            )}
          </div>
        </Panel>
      </div>
    </Page>
  );
}
