// Ionic React 9 with IonReactRouter. The sign-in is shown in place of the page: the address stays, so there is nothing to come
// back to. No <Navigate>: the outlet keeps the pages that were left, and a guard in one of them would send away from another.

import { IonApp, IonRouterOutlet } from "@ionic/react";
import { IonReactRouter } from "@ionic/react-router";
import { AuthProvider, SignedIn, SignedOut } from "hallpass/react";
import type { ReactElement } from "react";
import { Route } from "react-router-dom";
import { auth } from "../auth";

/** `pages`: by path, each an `IonPage` and for signed-in users. `signIn`: an `IonPage` as well. */
export function App({ pages, signIn }: { pages: Record<string, ReactElement>; signIn: ReactElement }): ReactElement {
  return (
    <IonApp>
      <AuthProvider auth={auth}>
        <IonReactRouter>
          <SignedOut>{signIn}</SignedOut>
          {/* Leaves with its user, and so do all pages that it keeps. While it is not known whether there is one, neither is shown. */}
          <SignedIn>
            <IonRouterOutlet>
              {Object.entries(pages).map(([path, page]) => (
                <Route key={path} path={path} element={page} />
              ))}
            </IonRouterOutlet>
          </SignedIn>
        </IonReactRouter>
      </AuthProvider>
    </IonApp>
  );
}
