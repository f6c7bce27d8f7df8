// Ionic React 9 with IonReactRouter. The sign-in is shown in place of the page: the address stays, so there is nothing to come
// back to. Do not send anybody away with <Navigate>: the outlet keeps pages that were left, and each of their guards would.

import { IonRouterOutlet } from "@ionic/react";
import { IonReactRouter } from "@ionic/react-router";
import { Loading, SignedIn, SignedOut } from "hallpass/react";
import type { ReactElement, ReactNode } from "react";
import { Route } from "react-router-dom";

/** Around the contents of a page that needs a user. */
export function RequireAuth({ children, signIn }: { children: ReactNode; signIn: ReactNode }): ReactElement {
  return (
    <>
      <SignedOut>{signIn}</SignedOut>
      <SignedIn>{children}</SignedIn>
    </>
  );
}
