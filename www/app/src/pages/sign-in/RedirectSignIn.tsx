import { IonButton, IonIcon } from "@ionic/react";
import { useAuth } from "hallpass/react";
import { openOutline } from "ionicons/icons";
import { type ReactElement, useCallback } from "react";
import { type DemoClaims, settings } from "../../auth";
import { FailureNote } from "../../components/FailureNote";
import { useTask } from "../../hooks/useTask";

/** Leaves for the server's own sign-in page and comes back to the page that stands in the address bar. */
export function RedirectSignIn(): ReactElement {
  const auth = useAuth<DemoClaims>();
  const { run, busy, failure } = useTask(
    useCallback(
      () =>
        auth.signInRedirect({
          returnTo: location.pathname + location.search,
          params: {
            mode: settings.accept.includes("fragment-params") ? "params" : "token",
            // No refresh token ever stands in a URL: this way there is one in a cookie or none.
            ...(settings.refresh === "cookie" ? { permanent: "true" } : {}),
          },
        }),
      [auth],
    ),
  );
  return (
    <div className="redirect">
      <p className="or">
        <span>or</span>
      </p>
      <IonButton fill="outline" expand="block" disabled={busy} onClick={() => void run()} data-testid="sign-in-redirect">
        Sign in on the server’s page
        <IonIcon slot="end" icon={openOutline} aria-hidden="true" />
      </IonButton>
      <FailureNote failure={failure} />
    </div>
  );
}
