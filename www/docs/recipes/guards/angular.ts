import { DestroyRef, inject, makeEnvironmentProviders, provideEnvironmentInitializer } from "@angular/core";
import { type CanActivateFn, type Route, Router } from "@angular/router";
import { authGuard, provideAuth } from "hallpass/angular";
import { auth } from "../auth";

/** For a route that needs a user: `{ path: "orders/:id", component: Order, ...forUsers }`. */
export const forUsers = { canActivate: [authGuard], runGuardsAndResolvers: "always" } satisfies Partial<Route>;

/** For the sign-in, `{ path: "sign-in", component: SignIn, ...forGuests }`: left for the page that was asked for, as soon as there is a user. */
export const forGuests = { canActivate: [leaveWithUser], runGuardsAndResolvers: "always" } satisfies Partial<Route>;

/** In the application's providers. */
export const guards = makeEnvironmentProviders([
  provideAuth(auth, {
    whenSignedOut: (_route, { url }) => inject(Router).createUrlTree(["/sign-in"], { queryParams: { returnTo: url } }),
  }),
  provideEnvironmentInitializer(() => {
    const router = inject(Router);
    // Asks the guards again when somebody signs in or out, here or in another tab. Before the first page there is nothing to ask.
    const unsubscribe = auth.subscribe((_session, { type }) => {
      if (!router.navigated || (type !== "signed-in" && type !== "signed-out")) return;
      void router.navigateByUrl(router.url, { onSameUrlNavigation: "reload", replaceUrl: true });
    });
    inject(DestroyRef).onDestroy(unsubscribe);
  }),
]);

async function leaveWithUser(...[{ queryParamMap }]: Parameters<CanActivateFn>) {
  const router = inject(Router); // what follows an `await` is outside of the injection context
  await auth.ready; // the first session, which may not be the one of now
  return auth.session.status === "signed-out" || router.parseUrl(queryParamMap.get("returnTo") ?? "/"); // of this application, whatever it says
}
