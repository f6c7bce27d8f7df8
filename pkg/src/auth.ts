import { abortable } from "./requests/abort.js";
import { createAuthorizer } from "./requests/authorizer.js";
import type { Core, Token } from "./core/contract.js";
import { createCoreHandle, type CoreHandle } from "./core/handle.js";
import { AuthError, invalidOption, kindOf } from "./error.js";
import { createFetch } from "./requests/fetch.js";
import { forgetWithoutCore } from "./core/forget.js";
import { INTERNALS, type Internals } from "./internals.js";
import { createListeners } from "./listeners.js";
import type { Cores } from "./core/loader.js";
import { readOptions, type Settings } from "./options/options.js";
import { besideSession } from "./options/storage-keys.js";
import { jsonOf, methodValue } from "./options/values.js";
import { assign, create, follow, ignore, isArray, resolve } from "./platform/originals.js";
import { pageBase, pageUrl, URL } from "./platform/builtins.js";
import type { ProviderSide } from "./provider.js";
import { createRedirects } from "./redirect/redirect.js";
import type { Auth, AuthOptions, Change, Session, TokenOptions } from "./types.js";

/**
 * An `Auth` over one of the `cores`. It keeps the snapshot, checks what callers pass in, and
 * forwards; every decision is the core's.
 */
export function openAuth<C extends object>(options: AuthOptions<C> | undefined, cores: Cores): Auth<C> {
  const settings = readOptions(options, pageUrl());
  const loader = cores.of(settings.core.provider !== null);
  if (settings.allowsHttp) console.warn("hallpass: allowHttp is on. Tokens and passwords can be read by everybody in this network.");
  const handle = createCoreHandle(loader, settings, onChange, () => session.status === "signed-in", breakReady);
  const provider = openProvider(settings, handle);
  const authorizer = createAuthorizer(handle, settings, provider?.proofs);
  const redirects = createRedirects(settings, handle, provider);
  const authFetch = createFetch(authorizer, settings.fetch);

  const listeners = createListeners<[Session<C>, Change]>();
  const watchers = createListeners<[]>();
  let session: Session<C> = LOADING;
  let ready = deferred<Session<C>>();
  /** It was rejected because there was no core; a later try makes a new one. */
  let isReadyBroken = false;
  /** The promise for the token of now: one object for all callers while the token lasts. */
  let tokenPromise: { token: Token; promise: Promise<string> } | undefined;

  // At once: the core downloads while the application's own script still runs.
  if (pageBase() !== undefined) start();

  function start(): void {
    void follow(handle.start(), ignore, (error) => {
      // The core could not be loaded. A later load (by any call, or load()) wakes this one too.
      if (handle.ended === undefined) loader.whenLoaded(start);
      breakReady(error);
    });
  }

  function breakReady(error: unknown): void {
    ready.reject(error);
    isReadyBroken = true;
  }

  function onChange(next: object, change: object | null): void {
    const before = session.status;
    session = Object.freeze(next) as Session<C>;
    if (session.status === "signed-in") {
      Object.freeze(session.claims);
    } else {
      tokenPromise = undefined;
      if (before === "signed-in") redirects.forget();
    }
    // A code is being exchanged: what was known before is no answer any more.
    if (session.status === "loading" && before !== "loading") {
      ready = deferred();
      isReadyBroken = false;
    }
    if (session.status !== "loading") {
      if (isReadyBroken) ready = deferred();
      isReadyBroken = false;
      ready.resolve(session);
    }
    watchers.emit();
    if (change !== null) listeners.emit(session, change as Change);
  }

  /** A call that needs the core, and what the session is after it. */
  async function changing(call: (core: Awaited<ReturnType<typeof handle.start>>) => Promise<unknown>): Promise<Session<C>> {
    const core = await started();
    await handle.settle(handle.run(() => call(core)));
    return session;
  }

  function started(): ReturnType<typeof handle.start> {
    if (pageBase() === undefined && handle.ended === undefined) {
      return Promise.reject(new AuthError("core_unavailable", "There is no page here, so there is no session: call this in the browser."));
    }
    return handle.start();
  }

  function token(request?: TokenOptions): Promise<string> {
    try {
      const { minValidityMs, signal } = readTokenOptions(request);
      const core = handle.live;
      if (core === undefined) {
        return abortable(textFrom(started(), minValidityMs), signal);
      }
      const current = handle.run(() => core.current(minValidityMs));
      if (current === undefined || signal?.aborted === true) {
        return abortable(textFrom(core, minValidityMs), signal);
      }
      if (tokenPromise?.token !== current) tokenPromise = { token: current, promise: resolve(current.text) };
      return tokenPromise.promise;
    } catch (error) {
      return rejected(error);
    }
  }

  async function textFrom(given: Core | Promise<Core>, minValidityMs: number | undefined): Promise<string> {
    const core = "token" in given ? given : await given;
    return (await handle.settle(handle.run(() => core.token(minValidityMs)))).text;
  }

  /** What goes to this URL; `null` where it may not have the token. */
  async function headersFor(caller: string, url: unknown, method: unknown, request: TokenOptions | undefined): Promise<Record<string, string> | null> {
    // Where it can be said at once, it is the session of this very moment.
    const core = handle.live ?? (await started());
    if (typeof url !== "string" && !(url instanceof URL)) throw invalidOption(`${caller}: url`, `must be a URL, not ${kindOf(url)}`);
    const verb = method === undefined ? "GET" : methodValue(method, `${caller}: method`);
    if (!authorizer.allows(String(url))) return null;
    if (caller === "authorization" && provider?.proofs !== undefined) throw invalidOption("authorization", "is not enough with DPoP: use headers(url, { method })");
    const { minValidityMs, signal } = readTokenOptions(request);
    const finding = async (): Promise<Token> => handle.run(() => core.current(minValidityMs)) ?? (await handle.settle(handle.run(() => core.token(minValidityMs))));
    return await authorizer.headers(String(url), verb, await abortable(finding(), signal));
  }

  const auth: Omit<Auth<C>, typeof Symbol.dispose> = {
    get session() {
      return session;
    },

    get ready() {
      return ready.promise;
    },

    subscribe(listener) {
      if (handle.ended?.code === "closed") throw handle.ended;
      if (typeof listener !== "function") throw invalidOption("subscribe: listener", `must be a function, not ${kindOf(listener)}`);
      return listeners.add(listener);
    },

    token,
    fetch: (input, init) => (handle.ended === undefined ? authFetch(input, init) : rejected(handle.ended)),

    async authorization(url, request) {
      return (await headersFor("authorization", url, undefined, request))?.[settings.header.name] ?? null;
    },

    headers: (url, request) => headersFor("headers", url, request?.method, request),

    async signIn(credentials) {
      if (provider !== undefined) throw invalidOption("options.provider", "signs in by signInRedirect() or signInPopup(), not by signIn()");
      const own = ownProperties(credentials);
      if (own === undefined) throw invalidOption("signIn: credentials", `must be an object, not ${kindOf(credentials)}`);
      const json = jsonOf(own, "signIn: credentials");
      return changing((core) => core.signIn(json));
    },

    accept(tokens, request) {
      const renew = (ownProperties(request) as { renew?: unknown } | undefined)?.renew;
      if (renew !== undefined && typeof renew !== "boolean") return rejected(invalidOption("accept: renew", `must be true or false, not ${kindOf(renew)}`));
      const own = ownProperties(tokens) ?? tokens;
      return changing((core) => (renew === true ? core.renew(own) : core.accept(own)));
    },
    refresh: () => changing((core) => core.refresh()),

    async signOut() {
      try {
        await changing((core) => core.signOut());
      } catch (error) {
        if (error instanceof AuthError && error.code === "core_unavailable") await forgetWithoutCore(settings);
        // A core that broke has not signed out: the next one does.
        if (!(error instanceof AuthError && error.code === "core_failed") || handle.ended !== undefined) throw error;
        await changing((core) => core.signOut());
      }
    },

    reportActivity() {
      if (handle.ended !== undefined) throw handle.ended;
      if (pageUrl() === undefined) return;
      const tell = (core: Core): void => {
        try {
          handle.run(() => {
            core.reportActivity();
          });
        } catch {
          // Without a core there is no session that an activity could keep.
        }
      };
      void follow(handle.start(), tell, ignore);
    },

    signInRedirect: (request) => follow(started(), () => redirects.start(request), rejected),

    // Not async: a browser opens a window only right in a click.
    signInPopup(request) {
      if (handle.ended !== undefined) return rejected(handle.ended);
      try {
        if (pageBase() === undefined) return follow(started(), rejected, rejected);
        return follow(redirects.popup(request), () => session, rejected);
      } catch (error) {
        return rejected(error);
      }
    },

    // Not async: the address bar is clean when this returns.
    completeRedirect(url) {
      if (handle.ended !== undefined) return rejected(handle.ended);
      try {
        return redirects.complete(url).then((returnTo) => (returnTo === null ? null : { session, returnTo }));
      } catch (error) {
        return rejected(error);
      }
    },

    close,
  };

  function close(): void {
    handle.close();
    provider?.close();
    listeners.clear();
    watchers.clear();
    redirects.forget();
    tokenPromise = undefined;
    ready.reject(handle.ended);
  }

  const internals: Internals = {
    authorizer,
    watch: (listener) => watchers.add(listener),
    wake: () => {
      const core = handle.live;
      handle.run(() => {
        core?.wake();
      });
    },
  };
  Object.defineProperty(auth, INTERNALS, { value: internals });
  // For `using`, in engines that know it.
  if (typeof Symbol.dispose === "symbol") Object.defineProperty(auth, Symbol.dispose, { value: close });
  return Object.freeze(auth) as Auth<C>;
}

/** The provider's side of this session manager, where there is a provider. */
function openProvider({ core, functions, provider, name, fetch }: Settings, handle: CoreHandle): ProviderSide | undefined {
  if (provider === undefined || core.provider === null) return undefined;
  const side = provider.open({
    settings: core.provider,
    fetch,
    storage: core.storage === "custom" ? (functions.storage ?? "memory") : core.storage,
    nameOf: (what) => besideSession(what, name),
    pendingKey: core.keys.pending,
    core: () => handle.start(),
    run: (call) => handle.run(call),
    settle: (promise) => handle.settle(promise),
  });
  functions.provider = side.functions;
  return side;
}

/** One for all: a server has no other. */
const LOADING = Object.freeze({ status: "loading" as const });

/** @throws AuthError `invalid_option` */
function readTokenOptions(options: TokenOptions | undefined): { minValidityMs: number | undefined; signal: AbortSignal | undefined } {
  const seconds = options?.minValiditySeconds;
  if (seconds !== undefined && !(typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0)) {
    throw invalidOption("token: minValiditySeconds", `must be a finite number of at least 0, not ${kindOf(seconds)}`);
  }
  return { minValidityMs: seconds === undefined ? undefined : seconds * 1000, signal: options?.signal };
}

/** A copy of `value` that nothing can be inherited from, or `undefined` where it is no plain object. */
function ownProperties(value: unknown): object | undefined {
  if (typeof value !== "object" || value === null || isArray(value)) return undefined;
  return assign(create(null) as object, value);
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => undefined); // no caller has to look at it
  return { promise, resolve, reject };
}

function rejected(error: unknown): Promise<never> {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
  return Promise.reject(error);
}
