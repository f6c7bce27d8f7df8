import { createContext, useContext, useSyncExternalStore, type ReactElement, type ReactNode } from "react";
import { internalsOf } from "../internals.js";
import type { Auth, JwtClaims, Session } from "../types.js";

const AuthContext = createContext<Auth<object> | undefined>(undefined);

/** Makes `auth` known to the components inside. Create it outside of any component: it outlives them all. */
export function AuthProvider(props: { auth: Auth<object>; children?: ReactNode }): ReactElement {
  return <AuthContext.Provider value={props.auth}>{props.children}</AuthContext.Provider>;
}

/** The `auth` of the nearest {@link AuthProvider}. */
export function useAuth<C extends object = JwtClaims>(): Auth<C> {
  const auth = useContext(AuthContext);
  if (auth === undefined) throw new Error("useAuth() needs an <AuthProvider auth={…}> above this component.");
  return auth as Auth<C>;
}

/** The current session; the component renders again when it changes. `loading` on the server. */
export function useSession<C extends object = JwtClaims>(): Session<C> {
  const auth = useAuth<C>();
  // `watch` belongs to the auth and stays the same function: React subscribes once.
  return useSyncExternalStore(internalsOf(auth).watch, () => auth.session, serverSession);
}

/** Shows its children while a user is signed in. */
export function SignedIn(props: { children?: ReactNode }): ReactElement | null {
  return <Only status="signed-in">{props.children}</Only>;
}

/** Shows its children while no user is signed in. */
export function SignedOut(props: { children?: ReactNode }): ReactElement | null {
  return <Only status="signed-out">{props.children}</Only>;
}

/** Shows its children until it is known whether a user is signed in. */
export function Loading(props: { children?: ReactNode }): ReactElement | null {
  return <Only status="loading">{props.children}</Only>;
}

function Only(props: { status: Session["status"]; children: ReactNode }): ReactElement | null {
  return useSession().status === props.status ? <>{props.children}</> : null;
}

const LOADING = { status: "loading" } as const;

function serverSession(): typeof LOADING {
  return LOADING;
}
