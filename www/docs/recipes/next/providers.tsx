"use client";

// app/providers.tsx: what the layout puts around its children.

import type { ReactElement, ReactNode } from "react";
import { AuthProvider, Loading, SignedIn, SignedOut, useSession } from "hallpass/react";
import { auth, type Claims } from "./auth";

export function Providers(props: { children: ReactNode }): ReactElement {
  return <AuthProvider auth={auth}>{props.children}</AuthProvider>;
}

/** The server renders `Loading`, and so does the browser at first: nothing mismatches. */
export function Account(): ReactElement {
  const session = useSession<Claims>();
  return (
    <>
      <Loading>…</Loading>
      <SignedOut>Nobody</SignedOut>
      <SignedIn>{session.status === "signed-in" && session.claims?.name}</SignedIn>
    </>
  );
}
