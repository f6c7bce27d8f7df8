// The Angular adapter, used as an application uses it. Compiled by types.test.ts, never run.

import { provideHttpClient, withInterceptors } from "@angular/common/http";
import { computed, inject, type ApplicationConfig, type Signal } from "@angular/core";
import { provideRouter, Router, type Routes } from "@angular/router";
import { createAuth, type Auth, type Session } from "hallpass";
import { authGuard, authInterceptor, injectAuth, injectSession, provideAuth } from "hallpass/angular";

interface Claims {
  sub: string;
  name: string;
}

const auth = createAuth<Claims>();
const routes: Routes = [{ path: "inside", canActivate: [authGuard], children: [] }];

export const config: ApplicationConfig = {
  providers: [
    provideAuth(auth),
    provideAuth(auth, { whenSignedOut: (_route, state) => inject(Router).createUrlTree(["/sign-in"], { queryParams: { returnTo: state.url } }) }),
    provideAuth(auth, { whenSignedOut: (_route, state) => auth.signInRedirect({ returnTo: state.url }) }),
    provideHttpClient(withInterceptors([authInterceptor])),
    provideRouter(routes),
  ],
};

export class Greeting {
  readonly auth: Auth<Claims> = injectAuth<Claims>();
  readonly session: Signal<Session<Claims>> = injectSession<Claims>();
  readonly name = computed(() => {
    const session = this.session();
    return session.status === "signed-in" ? session.claims?.name : undefined;
  });
}

// @ts-expect-error the auth is missing
provideAuth();
// @ts-expect-error there is no such option
provideAuth(auth, { redirectTo: "/sign-in" });
// @ts-expect-error the signal cannot be written
export const write: unknown = injectSession().set;
