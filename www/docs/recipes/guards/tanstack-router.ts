// TanStack Router. The guard is a function before the loaders, so they never run without a user.

import { redirect, type AnyRouter, type ParsedLocation } from "@tanstack/react-router";
import { auth } from "../auth";

interface SignInSearch {
  returnTo: string;
}

/** `beforeLoad` of the route above those that need a user. */
export async function requireAuth({ location }: { location: ParsedLocation }): Promise<void> {
  await auth.ready; // not known yet: neither the page nor the sign-in
  if (auth.session.status !== "signed-in") throw redirect({ to: "/sign-in", search: { returnTo: location.href }, replace: true });
}

/** `beforeLoad` of the sign-in: left for the page that was asked for, as soon as there is a user. */
export async function requireNoAuth({ search }: { search: SignInSearch }): Promise<void> {
  await auth.ready;
  if (auth.session.status === "signed-in") throw redirect({ to: search.returnTo, replace: true });
}

/** `validateSearch` of the sign-in. Anybody can write such a link: it leads to paths of this application only. */
export function signInSearch({ returnTo }: Record<string, unknown>): SignInSearch {
  return { returnTo: typeof returnTo === "string" && /^\/(?![/\\])/.test(returnTo) ? returnTo : "/" };
}

/** Asks the guards again when somebody signs in or out, here or in another tab. */
export function followSession(router: AnyRouter): () => void {
  return auth.subscribe((_session, { type }) => {
    if (type === "signed-in" || type === "signed-out") void router.invalidate();
  });
}
