import { Loading, SignedIn, SignedOut, useAuth, useSession } from "hallpass/react";
import { useEffect, useState } from "react";
import { signIn } from "./app.js";

/** The same application with the React adapter. */
export function ReactApp() {
  const auth = useAuth();
  const session = useSession();
  const [changes, setChanges] = useState("");
  const [name, setName] = useState("");
  const [refreshes, setRefreshes] = useState(0);

  useEffect(() => auth.subscribe((_session, change) => setChanges((before) => `${before}${change.type} `)), [auth]);

  const who = async () => {
    const answer = await auth.fetch("/api/me");
    setName(answer.ok ? (await answer.json()).username : String(answer.status));
  };
  const refresh = async () => {
    await auth.refresh();
    setRefreshes((before) => before + 1);
  };
  return (
    <>
      <output id="status">{session.status}</output>
      <output id="changes">{changes}</output>
      <output id="name">{name}</output>
      <output id="refreshes">{refreshes}</output>
      <output id="shown">
        <Loading>loading</Loading>
        <SignedOut>signed-out</SignedOut>
        <SignedIn>signed-in</SignedIn>
      </output>
      <button id="sign-in" onClick={() => signIn(auth)}>sign-in</button>
      <button id="refresh" onClick={refresh}>refresh</button>
      <button id="sign-out" onClick={() => auth.signOut()}>sign-out</button>
      <button id="who" onClick={who}>who</button>
    </>
  );
}
