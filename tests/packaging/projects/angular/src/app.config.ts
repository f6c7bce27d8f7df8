import { provideHttpClient, withInterceptors } from "@angular/common/http";
import { inject } from "@angular/core";
import { provideRouter, Router } from "@angular/router";
import { createAuth } from "hallpass";
import { authGuard, authInterceptor, provideAuth } from "hallpass/angular";
import { oidc } from "hallpass/oidc";
import { Inside } from "./inside";

/** Set by the test: the server as a provider, on an origin of its own. */
export const issuer = (globalThis as { ISSUER?: string }).ISSUER;

const auth =
  issuer === undefined
    ? createAuth({ signIn: "/api/auth", refresh: "/api/token", signOut: "/api/token/reject" })
    : createAuth({ provider: oidc({ issuer, clientId: "spa", scope: "openid offline_access" }) });
if (issuer !== undefined) auth.completeRedirect().catch((error) => console.error(error.code));

export const providers = [
  provideAuth(auth, { whenSignedOut: () => inject(Router).createUrlTree(["/"]) }),
  provideHttpClient(withInterceptors([authInterceptor])),
  provideRouter([{ path: "inside", canActivate: [authGuard], component: Inside }]),
];
