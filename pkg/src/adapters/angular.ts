import { HttpBackend, HttpErrorResponse, type HttpEvent, type HttpInterceptorFn, type HttpRequest, HttpResponse, HttpXhrBackend } from "@angular/common/http";
import {
  DestroyRef,
  inject,
  InjectionToken,
  Injector,
  makeEnvironmentProviders,
  runInInjectionContext,
  signal,
  type EnvironmentProviders,
  type Signal,
} from "@angular/core";
import type { ActivatedRouteSnapshot, CanActivateFn, GuardResult, RouterStateSnapshot } from "@angular/router";
import { catchError, concatMap, from, type Observable, of, switchMap, throwError } from "rxjs";
import { textOf } from "../requests/api-answer.js";
import { keepBody } from "../requests/body.js";
import { type Answer, type Attempt, internalsOf, isPromise, type Outgoing } from "../internals.js";
import { pageBase } from "../platform/page.js";
import type { Auth, JwtClaims, Session } from "../types.js";

// Functions only: nothing here needs Angular's compiler, and nothing depends on zone.js.

export interface AuthProviderOptions {
  /**
   * What {@link authGuard} answers while no user is signed in: a `UrlTree` or `RedirectCommand` to the sign-in page,
   * for example. Called in an injection context. Default: `false`, the navigation is cancelled.
   */
  whenSignedOut?: (route: ActivatedRouteSnapshot, state: RouterStateSnapshot) => GuardResult | Promise<GuardResult>;
}

/**
 * Makes `auth` known to the application: for `bootstrapApplication`'s providers. Create it outside of any
 * component: it outlives them all.
 */
export function provideAuth(auth: Auth<object>, options: AuthProviderOptions = {}): EnvironmentProviders {
  internalsOf(auth); // a wrong argument is told here, and not by the first request
  return makeEnvironmentProviders([
    { provide: AUTH, useValue: auth },
    { provide: OPTIONS, useValue: options },
    { provide: SESSION, useFactory: followSession },
  ]);
}

/** The `auth` given to {@link provideAuth}. */
export function injectAuth<C extends object = JwtClaims>(): Auth<C> {
  return inject(AUTH) as Auth<C>;
}

/** The current session as a signal, one for the whole injector. `loading` on the server. */
export function injectSession<C extends object = JwtClaims>(): Signal<Session<C>> {
  return inject(SESSION) as Signal<Session<C>>;
}

/**
 * Adds the token to requests to allowed addresses, and sends a request once more after a refresh when it
 * was answered with a 401. Never touches a header of that name that is there already.
 *
 * It has to be the last: an interceptor that runs after it sees the token, and can send it to another address than the
 * one that was judged. Those of classes (`HTTP_INTERCEPTORS`) run where `withInterceptorsFromDi()` stands, so that goes
 * first: `provideHttpClient(withInterceptorsFromDi(), withInterceptors([…, authInterceptor]))`.
 */
export const authInterceptor: HttpInterceptorFn = (request, next) => {
  const { authorizer } = internalsOf(inject(AUTH));
  // JSONP is a script tag: it has no headers.
  const { header } = authorizer;
  if (request.headers.has(header.name) || request.method === "JSONP") return next(request);
  const isXhr = inject(HttpBackend, { optional: true }) instanceof HttpXhrBackend;
  let kept: HttpRequest<unknown> | undefined;
  const outgoing: Outgoing = {
    url: request.urlWithParams,
    method: request.method,
    isOptional: true,
    keep: () => (kept = withOwnBody(request)) !== undefined,
  };

  const send = (request: HttpRequest<unknown>, attempt: Attempt | null): Observable<HttpEvent<unknown>> => {
    if (attempt === null) return next(request);
    /** Sends it again where the server wants another token; else what came stands. */
    const orAgain = (answer: Answer, standing: Observable<HttpEvent<unknown>>): Observable<HttpEvent<unknown>> => {
      const renewing = attempt.again(answer);
      if (renewing === undefined) return standing;
      return from(renewing).pipe(switchMap((again) => (again === undefined ? standing : send(kept ?? request, again))));
    };
    return next(withToken(request, attempt, isXhr)).pipe(
      // A value until it has been judged: what is sent again fails for good.
      catchError((error: unknown) => (error instanceof HttpErrorResponse ? of(error) : throwError(() => error))),
      concatMap((event) => {
        if (event instanceof HttpErrorResponse) return orAgain(answerOf(event, event.error), throwError(() => event));
        return authorizer.seesSuccess && event instanceof HttpResponse ? orAgain(answerOf(event, event.body), of(event)) : of(event);
      }),
    );
  };

  const attempt = authorizer.authorize(outgoing);
  if (!isPromise(attempt)) return send(request, attempt);
  return from(attempt).pipe(switchMap((attempt) => send((attempt && kept) ?? request, attempt ?? null)));
};

/**
 * Lets a route be activated while a user is signed in. Waits until that is known; on a server, where it
 * never is, it lets everybody pass: what is rendered there must not need a session.
 */
export const authGuard: CanActivateFn = (route, state) => {
  const auth = inject(AUTH);
  const injector = inject(Injector);
  const { whenSignedOut = () => false } = inject(OPTIONS);

  const judge = (session: Session<object>): GuardResult | Promise<GuardResult> =>
    session.status === "signed-in" || runInInjectionContext(injector, () => whenSignedOut(route, state));

  if (pageBase() === undefined) return true;
  return auth.session.status === "loading" ? auth.ready.then(judge) : judge(auth.session);
};

// ── injection ──

const AUTH = new InjectionToken<Auth<object>>("Auth of hallpass: add provideAuth(auth) to the application's providers");
const OPTIONS = new InjectionToken<AuthProviderOptions>("options of provideAuth");
const SESSION = new InjectionToken<Signal<Session<object>>>("session of hallpass: add provideAuth(auth) to the application's providers");

/** Follows the snapshot for as long as the injector lives. */
function followSession(): Signal<Session<object>> {
  const auth = inject(AUTH);
  const session = signal<Session<object>>(auth.session);
  const unwatch = internalsOf(auth).watch(() => {
    session.set(auth.session);
  });
  inject(DestroyRef).onDestroy(unwatch);
  return session.asReadonly();
}

// ── requests ──

/** With the body as it is now, whatever happens to the caller's object; `undefined` where it can be read only once. */
function withOwnBody(request: HttpRequest<unknown>): HttpRequest<unknown> | undefined {
  const kept = keepBody(request.serializeBody());
  if (kept === undefined || kept.body === request.body) return kept && request;
  const type = request.headers.has("Content-Type") ? null : request.detectContentTypeHeader();
  return request.clone({ body: kept.body, setHeaders: type === null ? {} : { "Content-Type": type } });
}

function withToken(request: HttpRequest<unknown>, { headers, redirect, credentials }: Attempt, isXhr: boolean): HttpRequest<unknown> {
  const needsCookies = credentials !== undefined && !hasOwnCredentials(request);
  return request.clone({
    withCredentials: request.withCredentials || needsCookies,
    setHeaders: headers ?? {},
    // Angular 19 does not know it and follows; XMLHttpRequest cannot be told, and Angular warns where it is.
    ...(redirect !== undefined && !isXhr && request.redirect !== "manual" && { redirect }),
  });
}

/** Angular has known fetch's own word for it since version 20. */
function hasOwnCredentials(request: HttpRequest<unknown>): boolean {
  return (request as { credentials?: unknown }).credentials != null;
}

// ── answers ──

function answerOf({ status, url, headers }: HttpResponse<unknown> | HttpErrorResponse, body: unknown): Answer {
  return {
    status,
    url,
    header: (name) => headers.get(name),
    headers() {
      const made = new Headers();
      for (const name of headers.keys()) made.set(name, headers.getAll(name)?.join(", ") ?? "");
      return made;
    },
    text: () => textOf(isUnparsed(body) ? body.text : body),
  };
}

/** What Angular makes of a body that should have been JSON, and is not. */
function isUnparsed(body: unknown): body is { text: string } {
  return typeof body === "object" && body !== null && "error" in body && "text" in body && typeof body.text === "string";
}
