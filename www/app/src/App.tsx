import { IonApp } from "@ionic/react";
import { IonReactRouter } from "@ionic/react-router";
import { AuthProvider, Loading, SignedIn, SignedOut } from "hallpass/react";
import type { History } from "history";
import type { ReactElement } from "react";
import { auth } from "./auth";
import { AppHeader } from "./components/AppHeader";
import { AppTabs } from "./components/AppTabs";
import { Splash } from "./components/Splash";
import { StartFailure } from "./components/StartFailure";
import type { Failure } from "./failure";
import { SignInPage } from "./pages/sign-in/SignInPage";

interface AppProps {
  history: History;
  /** What went wrong while a redirect sign-in was finished. */
  startFailure: Failure | null;
}

/**
 * The whole app. A signed-out user sees the sign-in page at whatever address: the address stays, and after
 * signing in the page that was asked for is there.
 */
export function App({ history, startFailure }: AppProps): ReactElement {
  return (
    <IonApp>
      <AuthProvider auth={auth}>
        <IonReactRouter history={history}>
          <AppHeader />
          <StartFailure failure={startFailure} />
          <div className="stage">
            <Loading>
              <Splash failed={startFailure !== null} />
            </Loading>
            <SignedOut>
              <SignInPage />
            </SignedOut>
            <SignedIn>
              <AppTabs />
            </SignedIn>
          </div>
        </IonReactRouter>
      </AuthProvider>
    </IonApp>
  );
}
