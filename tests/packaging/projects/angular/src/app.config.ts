import { provideHttpClient, withInterceptors } from "@angular/common/http";
import { inject } from "@angular/core";
import { provideRouter, Router } from "@angular/router";
import { createAuth } from "hallpass";
import { authGuard, authInterceptor, provideAuth } from "hallpass/angular";
import { Inside } from "./inside";

const auth = createAuth({ signIn: "/api/auth", refresh: "/api/token", signOut: "/api/token/reject" });

export const providers = [
  provideAuth(auth, { whenSignedOut: () => inject(Router).createUrlTree(["/"]) }),
  provideHttpClient(withInterceptors([authInterceptor])),
  provideRouter([{ path: "inside", canActivate: [authGuard], component: Inside }]),
];
