import { IonContent } from "@ionic/react";
import { useSession } from "hallpass/react";
import type { ReactElement } from "react";
import type { DemoClaims } from "../../auth";
import { ChangeLog } from "../../components/ChangeLog";
import { Panel } from "../../components/Panel";
import { useChangeLog } from "../../hooks/useChangeLog";
import { EndedNote } from "./EndedNote";
import { SignInForm } from "./SignInForm";
import "./SignInPage.css";

/** What a signed-out visitor sees, wherever they are. */
export function SignInPage(): ReactElement {
  const session = useSession<DemoClaims>();
  const hadSession = useChangeLog().some(({ change }) => change.type !== "signed-out" || change.reason !== "never-signed-in");
  return (
    <IonContent data-testid="page-sign-in">
      <main className="sign-in">
        <div className="sign-in-words">
          <h1>Your pass, please.</h1>
          <p>
            Sign in once. Your pass renews itself while you work, goes only where it belongs, and is gone everywhere when
            you sign out.
          </p>
        </div>
        <div className="sign-in-card">
          {session.status === "signed-out" && <EndedNote reason={session.reason} />}
          <SignInForm />
        </div>
        {hadSession && (
          <Panel title="What happened" className="sign-in-log">
            <ChangeLog />
          </Panel>
        )}
      </main>
    </IonContent>
  );
}
