import { IonButton, IonIcon } from "@ionic/react";
import { useAuth } from "hallpass/react";
import { openOutline } from "ionicons/icons";
import { type ReactElement, useCallback } from "react";
import { type DemoClaims, settings } from "../../auth";
import { FailureNote } from "../../components/FailureNote";
import { useTask } from "../../hooks/useTask";
import { keepQuery } from "../../query";

/** Leaves for the server's own sign-in page and comes back to the page that stands in the address bar. */
export function RedirectSignIn(): ReactElement {
  const auth = useAuth<DemoClaims>();
  const { run, busy, failure } = useTask(
    useCallback(() => {
      const returnTo = location.pathname + location.search;
      if (settings.signIn === "code") {
        keepQuery();
        return auth.signInRedirect({ returnTo });
      }
      return auth.signInRedirect({
        returnTo,
        params: {
          mode: settings.accept.includes("fragment-params") ? "params" : "token",
          // No refresh token ever stands in a URL: this way there is one in a cookie or none.
          ...(settings.refresh === "cookie" ? { permanent: "true" } : {}),
        },
      });
    }, [auth]),
  );
  return (
    <div className="redirect">
      <p className="redirect-words">{settings.signIn === "code" ? CODE_WORDS : HASH_WORDS}</p>
      <IonButton expand="block" disabled={busy} onClick={() => void run()} data-testid="sign-in-redirect">
        Sign in on the server’s page
        <IonIcon slot="end" icon={openOutline} aria-hidden="true" />
      </IonButton>
      <FailureNote failure={failure} />
    </div>
  );
}

const CODE_WORDS =
  "The server is an OpenID provider. It sends you back with a code, which this page alone can exchange for tokens (PKCE), and they work with a key of this browser alone (DPoP).";

const HASH_WORDS = "A login page as many servers have one: it sends you back with the token in the address, behind the #. It is gone from there before anything else happens.";
