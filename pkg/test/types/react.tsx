// The React adapter, used as an application uses it. Compiled by types.test.ts, never run.

import type { ReactElement } from "react";
import { createAuth, type Auth, type Session } from "hallpass";
import { AuthProvider, Loading, SignedIn, SignedOut, useAuth, useSession } from "hallpass/react";

interface Claims {
  sub: string;
  name: string;
}

const auth = createAuth<Claims>();

function Greeting(): ReactElement | null {
  const session: Session<Claims> = useSession<Claims>();
  const { signOut }: Auth<Claims> = useAuth<Claims>();
  if (session.status !== "signed-in") return null;
  return <button onClick={() => void signOut()}>{session.claims?.name}</button>;
}

export function App(): ReactElement {
  return (
    <AuthProvider auth={auth}>
      <Loading>…</Loading>
      <SignedOut>
        <a href="/sign-in">Sign in</a>
      </SignedOut>
      <SignedIn>
        <Greeting />
      </SignedIn>
      <SignedIn />
      {/* @ts-expect-error there is no such property */}
      <SignedIn role="admin" />
    </AuthProvider>
  );
}

// @ts-expect-error the auth is missing
export const incomplete = <AuthProvider />;
