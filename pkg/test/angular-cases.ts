import {
  HTTP_INTERCEPTORS,
  HttpClient,
  HttpErrorResponse,
  type HttpHandler,
  type HttpInterceptor,
  type HttpInterceptorFn,
  type HttpRequest,
  provideHttpClient,
  withFetch,
  withInterceptors,
  withInterceptorsFromDi,
} from "@angular/common/http";
import { ApplicationRef, Component, effect, inject, Injector, runInInjectionContext, type EnvironmentProviders } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { provideRouter, Router, withDisabledInitialNavigation } from "@angular/router";
import { Window } from "happy-dom";
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { firstValueFrom, type Observable } from "rxjs";
import { authGuard, authInterceptor, injectAuth, injectSession, provideAuth, type AuthProviderOptions } from "../src/adapters/angular.js";
import { openAuth } from "../src/auth.js";
import type { Auth, JwtClaims } from "../src/types.js";
import { fakeLoader, signedIn, type FakeCore } from "./fake-core.js";
import { openPage, type FakePage } from "./page.js";
import { startServer, type TestServer } from "./server.js";

class Root {
  readonly session = injectSession<JwtClaims & { name?: string }>();
}
Component({ selector: "app-root", template: "{{ session().status }} {{ $any(session()).claims?.name }}" })(Root);

/** The adapter in a real Angular application; `providers` say how it detects changes. */
export function angularCases(providers: EnvironmentProviders[]): void {
  let api: TestServer;
  let foreign: TestServer;
  let page: FakePage;
  /** One for all: Angular keeps its document for as long as the platform lives. */
  const window = new Window({ url: "https://app.test/" });
  let auth: Auth;
  let core: FakeCore;
  let app: ApplicationRef;

  before(async () => {
    api = await startServer();
    foreign = await startServer();
  });
  after(async () => {
    await api.close();
    await foreign.close();
  });
  beforeEach(async () => {
    page = openPage(`${api.origin}/app/`);
    for (const [name, value] of Object.entries({ window, document: window.document })) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    const loader = fakeLoader();
    auth = openAuth<JwtClaims>(undefined, loader);
    await new Promise((resolve) => setImmediate(resolve));
    core = loader.cores[0] as FakeCore;
    core.now = "good";
    core.allowed = (protocol, host) => `${protocol}//${host}` === api.origin;
    api.seen.length = foreign.seen.length = 0;
    await start();
  });
  afterEach(() => {
    app.destroy();
    auth.close();
    page.close();
    Reflect.deleteProperty(globalThis, "window");
  });

  type Feature = Parameters<typeof provideHttpClient>[number];

  async function start(options?: AuthProviderOptions, interceptors: Feature[] = [withInterceptors([authInterceptor])]): Promise<void> {
    window.document.body.innerHTML = "<app-root></app-root>";
    app = await bootstrapApplication(Root, {
      providers: [
        ...providers,
        provideAuth(auth, options),
        provideHttpClient(withFetch(), ...interceptors),
        { provide: HTTP_INTERCEPTORS, useValue: byClass, multi: true },
        provideRouter([{ path: "inside", canActivate: [authGuard], children: [] }, { path: "sign-in", children: [] }], withDisabledInitialNavigation()),
      ],
    });
  }

  /** What the application's own interceptors see of the token; they send every request to `elsewhere`, where that is set. */
  let seenBy: Record<string, string | null>;
  let elsewhere: string | undefined;
  const notes = (name: string, request: HttpRequest<unknown>): HttpRequest<unknown> => {
    seenBy[name] = request.headers.get("Authorization");
    return elsewhere === undefined ? request : request.clone({ url: elsewhere });
  };
  const byFunction: HttpInterceptorFn = (request, next) => next(notes("function", request));
  const byClass: HttpInterceptor = { intercept: (request: HttpRequest<unknown>, next: HttpHandler) => next.handle(notes("class", request)) };
  beforeEach(() => {
    seenBy = {};
    elsewhere = undefined;
  });

  const http = (): HttpClient => app.injector.get(HttpClient);
  const within = <T>(run: () => T): T => runInInjectionContext(app.injector.get(Injector), run);
  const authorizations = (server: TestServer): (string | undefined)[] => server.seen.map((one) => one.headers.authorization);
  const status = async (answer: Observable<unknown>): Promise<number> => {
    try {
      await firstValueFrom(answer);
      return 200;
    } catch (error) {
      assert.ok(error instanceof HttpErrorResponse, String(error));
      return error.status;
    }
  };

  // ── requests ──

  test("the token goes to allowed origins only (SEC-12)", async () => {
    assert.equal(await status(http().get(`${api.origin}/a`, { params: { q: 1 } })), 200);
    assert.equal(await status(http().get(`${foreign.origin}/a`)), 401);
    assert.deepEqual(authorizations(api), ["Bearer good"]);
    assert.deepEqual(authorizations(foreign), [undefined]);
    assert.equal(api.seen[0]?.path, "/a?q=1");
    assert.deepEqual(core.recoveries, []);
  });

  test("401: one recovery, one replay with the same body; a second 401 stands (REL-18)", async () => {
    core.now = "bad";
    core.recovered = "good";
    assert.deepEqual(await firstValueFrom(http().post(`${api.origin}/a`, { a: 1 }, { headers: { "X-A": "1" } })), { ok: true });
    assert.deepEqual(authorizations(api), ["Bearer bad", "Bearer good"]);
    assert.deepEqual(api.seen.map((one) => [one.method, String(one.body), one.headers["content-type"], one.headers["x-a"]]), Array(2).fill(["POST", '{"a":1}', "application/json", "1"]));
    assert.deepEqual(core.recoveries, [{ status: 401, challenge: 'Bearer error="invalid_token"', token: "bad" }]);

    core.recovered = "worse";
    assert.equal(await status(http().get(`${api.origin}/a`)), 401);
    assert.equal(api.seen.length, 4);
    core.recovered = undefined;
    assert.equal(await status(http().get(`${api.origin}/a`)), 401);
    assert.equal(api.seen.length, 5);
  });

  test("with ours last, behind those of classes too, no interceptor sees the token, and what is judged is what is sent (SEC-12)", async () => {
    app.destroy();
    await start(undefined, [withInterceptorsFromDi(), withInterceptors([byFunction, authInterceptor])]);
    assert.equal(await status(http().get(`${api.origin}/a`)), 200);
    assert.deepEqual(seenBy, { class: null, function: null });
    assert.deepEqual(authorizations(api), ["Bearer good"]);
    elsewhere = `${foreign.origin}/a`;
    assert.equal(await status(http().get(`${api.origin}/a`)), 401);
    assert.deepEqual(authorizations(foreign), [undefined]);
  });

  test("those of classes, added after ours, see the token: the order that the documentation warns of", async () => {
    app.destroy();
    await start(undefined, [withInterceptors([byFunction, authInterceptor]), withInterceptorsFromDi()]);
    assert.equal(await status(http().get(`${api.origin}/a`)), 200);
    assert.deepEqual(seenBy, { class: "Bearer good", function: null });
  });

  test("other failures are the application's", async () => {
    await api.close();
    assert.equal(await status(http().get(`${api.origin}/a`)), 0);
    assert.deepEqual(core.recoveries, []);
    api = await startServer();
  });

  test("the caller's Authorization stays, and its 401 is the caller's (SEC-20)", async () => {
    core.recovered = "good";
    assert.equal(await status(http().get(`${api.origin}/a`, { headers: { authorization: "Basic 1" } })), 401);
    assert.deepEqual(authorizations(api), ["Basic 1"]);
    assert.deepEqual(core.recoveries, []);
  });

  test("no error shows the token (SEC-40)", async () => {
    core.now = "canary";
    const error: unknown = await firstValueFrom(http().get(`${api.origin}/a`)).catch((reason: unknown) => reason);
    assert.ok(error instanceof HttpErrorResponse);
    assert.ok(!JSON.stringify([error, error.headers.keys().map((name) => error.headers.get(name)), error.message]).includes("canary"));
  });

  test("a request waits for the token; unsubscribed meanwhile, it is never sent (REL-21)", async () => {
    core.now = undefined;
    let finish!: (token: string) => void;
    core.waiting = new Promise((resolve) => (finish = resolve));
    const given = http().get(`${api.origin}/given-up`).subscribe();
    const kept = status(http().get(`${api.origin}/kept`));
    given.unsubscribe();
    finish("good");
    assert.equal(await kept, 200);
    assert.deepEqual(api.seen.map((one) => [one.path, one.headers.authorization]), [["/kept", "Bearer good"]]);
  });

  test("signed out or closed, requests go without a token", async () => {
    core.now = undefined;
    assert.equal(await status(http().get(`${api.origin}/a`)), 401);
    auth.close();
    assert.equal(await status(http().get(`${api.origin}/a`)), 401);
    assert.deepEqual(authorizations(api), [undefined, undefined]);
    assert.deepEqual(core.recoveries, []);
  });

  // ── the session ──

  test("the view follows every snapshot; nothing after the application is destroyed (REL-33)", async () => {
    const shows = async (session: object, change: object | null, expected: string): Promise<void> => {
      core.becomes(session, change);
      await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(window.document.querySelector("app-root")?.textContent.trim(), expected);
    };
    assert.equal(window.document.querySelector("app-root")?.textContent.trim(), "loading");
    await shows({ status: "signed-out", reason: "never-signed-in" }, { type: "signed-out", reason: "never-signed-in" }, "signed-out");
    await shows(signedIn({ name: "Ada" }), { type: "signed-in" }, "signed-in Ada");
    await shows(signedIn({ name: "Bob" }), null, "signed-in Bob");

    const session = within(() => injectSession());
    assert.equal(session, within(() => injectSession()));
    assert.equal(session(), auth.session);
    app.destroy();
    core.becomes({ status: "signed-out", reason: "user" }, { type: "signed-out", reason: "user" });
    assert.equal(session().status, "signed-in");
    await start();
  });

  test("an effect hears of a change", async () => {
    const heard: string[] = [];
    within(() => effect(() => void heard.push(injected().status)));
    const injected = within(() => injectSession());
    await app.whenStable();
    core.becomes(signedIn(), { type: "signed-in" });
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(heard, ["loading", "signed-in"]);
  });

  test("injectAuth is the auth; what is missing is said", () => {
    assert.equal(within(() => injectAuth()), auth);
    assert.throws(() => provideAuth({} as Auth), { name: "TypeError" });
  });

  // ── the guard ──

  const goInside = (): Promise<boolean | null> => app.injector.get(Router).navigateByUrl("/inside");

  test("the guard waits until it is known whether somebody is signed in", async () => {
    const going = goInside();
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(app.injector.get(Router).url, "/");
    core.becomes(signedIn(), { type: "restored" });
    assert.equal(await going, true);
    assert.equal(app.injector.get(Router).url, "/inside");
  });

  test("signed out, the guard cancels, or goes where the application says", async () => {
    core.becomes({ status: "signed-out", reason: "never-signed-in" }, null);
    assert.equal(await goInside(), false);
    app.destroy();
    await start({ whenSignedOut: (_route, { url }) => inject(Router).createUrlTree(["/sign-in"], { queryParams: { returnTo: url } }) });
    await goInside();
    assert.equal(app.injector.get(Router).url, "/sign-in?returnTo=%2Finside");
  });

  test("where there is no page, the guard lets everybody pass", () => {
    page.close();
    assert.equal(within(() => authGuard({} as never, {} as never)), true);
  });
}
