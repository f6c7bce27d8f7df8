import { type HttpInterceptorFn } from "@angular/common/http";
import { type EnvironmentProviders, type Signal } from "@angular/core";
import type { ActivatedRouteSnapshot, CanActivateFn, GuardResult, RouterStateSnapshot } from "@angular/router";
import type { Auth, JwtClaims, Session } from "./types.js";
export interface AuthProviderOptions {
    whenSignedOut?: (route: ActivatedRouteSnapshot, state: RouterStateSnapshot) => GuardResult | Promise<GuardResult>;
}
export declare function provideAuth(auth: Auth<object>, options?: AuthProviderOptions): EnvironmentProviders;
export declare function injectAuth<C extends object = JwtClaims>(): Auth<C>;
export declare function injectSession<C extends object = JwtClaims>(): Signal<Session<C>>;
export declare const authInterceptor: HttpInterceptorFn;
export declare const authGuard: CanActivateFn;
