import { IonButton, IonIcon } from "@ionic/react";
import { useAuth } from "hallpass/react";
import { logOutOutline, refreshOutline } from "ionicons/icons";
import { type ReactElement, useCallback } from "react";
import type { DemoClaims } from "../../auth";
import { FailureNote } from "../../components/FailureNote";
import { useTask } from "../../hooks/useTask";
import { Countdowns } from "./Countdowns";
import { lifeOf, type SignedInSession } from "./life";
import { TimeLine } from "./TimeLine";
import "./PassCard.css";

/** The hall pass: whose it is, how long it is good, and what can be done with it. */
export function PassCard({ session }: { session: SignedInSession }): ReactElement {
  const auth = useAuth<DemoClaims>();
  const refresh = useTask(useCallback(() => auth.refresh(), [auth]));
  const signOut = useTask(useCallback(() => auth.signOut(), [auth]));
  const life = lifeOf(session);
  return (
    <section className="pass" aria-label="Your pass">
      <div className="pass-main">
        <div className="pass-holder">
          <p className="pass-label">Hall pass</p>
          <p className="pass-name" data-testid="display-name">
            {session.claims?.name ?? session.claims?.sub ?? "Bearer"}
          </p>
        </div>
        {life === null ? (
          <p className="pass-endless">This token does not say when it expires.</p>
        ) : (
          <TimeLine life={life} />
        )}
      </div>
      <div className="pass-stub">
        <Countdowns expiresAt={session.expiresAt} refreshAt={session.refreshAt} />
        <div className="pass-actions">
          <IonButton size="small" disabled={refresh.busy} onClick={() => void refresh.run()} data-testid="refresh">
            <IonIcon slot="start" icon={refreshOutline} aria-hidden="true" />
            {refresh.busy ? "Renewing …" : "Refresh now"}
          </IonButton>
          <IonButton
            size="small"
            fill="outline"
            color="danger"
            disabled={signOut.busy}
            onClick={() => void signOut.run()}
            data-testid="sign-out"
          >
            <IonIcon slot="start" icon={logOutOutline} aria-hidden="true" />
            Sign out
          </IonButton>
        </div>
      </div>
      <FailureNote failure={refresh.failure ?? signOut.failure} />
    </section>
  );
}
