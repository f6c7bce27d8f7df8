import { loadAgain, showInAddressBar } from "./address-bar.js";
import { findCallback } from "./callback.js";
import type { CoreHandle } from "../core/handle.js";
import { AuthError, invalidOption, kindOf } from "../error.js";
import type { Settings } from "../options/options.js";
import { pageUrl, URL } from "../platform/builtins.js";
import type { ProviderSide } from "../provider.js";
import type { PopupRequest, RedirectRequest } from "../types.js";

/** Sign-in by redirect, both ways. */
export interface Redirects {
  start(request: RedirectRequest | undefined): Promise<never>;
  /** At the provider, in a window that is open when this returns. */
  popup(request: PopupRequest | undefined): Promise<void>;
  /** Takes a callback out of the address bar before it returns; resolves with where to go, or `null`. */
  complete(url: string | URL | undefined): Promise<string | null>;
  /** Forgets answers given: a new session's callbacks are judged anew. */
  forget(): void;
}

/** `provider`: where sign-in is at a provider, whose callbacks hold a code instead of tokens. */
export function createRedirects(settings: Settings, handle: CoreHandle, provider: ProviderSide | undefined): Redirects {
  const longest = TOKENS_AND_ALL * settings.core.limits.tokenBytes;
  /** The last callback, and its answer for a caller that asks again (React's StrictMode does). */
  interface Answer {
    readonly href: string;
    readonly fragment: string | null;
    readonly cleaned: string | null;
    readonly isPending: boolean;
    returnTo: Promise<string | null>;
  }
  let fromPage: Answer | undefined;
  let fromElsewhere: Answer | undefined;

  async function ask(fragment: string | null, cleaned: string | null, isPending: boolean): Promise<string | null> {
    // What this tab does not wait for may be what another one has opened this window for.
    if (provider !== undefined && fragment !== null && !isPending && (await provider.handOver(fragment))) return never();
    const result = await handle.first((core) => core.completeRedirect(fragment));
    if (result === null) return null;
    if (result.reload) {
      if (cleaned !== null) {
        loadAgain(cleaned);
        return never();
      }
      // The URL was not the page's: nothing to load again, so take back what is kept for after that.
      await handle.first((core) => core.completeRedirect(null));
    }
    return result.returnTo;
  }

  function answer(href: string, fragment: string | null, cleaned: string | null, isPending: boolean): Answer {
    return { href, fragment, cleaned, isPending, returnTo: ask(fragment, cleaned, isPending) };
  }

  /** The answer again; where there was no core to ask, another try. */
  function repeat(given: Answer): Promise<string | null> {
    const { returnTo } = given;
    given.returnTo = returnTo.catch((error: unknown) => {
      if (error instanceof AuthError && error.code === "core_unavailable") return ask(given.fragment, given.cleaned, given.isPending);
      throw error;
    });
    return given.returnTo;
  }

  return {
    async start(request) {
      const { returnTo, params } = readRequest(request, "signInRedirect");
      if (provider !== undefined) return provider.start(returnTo, params);
      if (settings.core.redirect === null) throw invalidOption("options.redirect", "must be set for signInRedirect()");
      const core = await handle.start();
      const page = pageUrl();
      if (page === undefined) throw new AuthError("core_unavailable", "There is no page to leave.");
      const target = handle.run(() => core.startRedirect(page, returnTo, params));
      location.assign(target);
      return never();
    },

    popup(request) {
      if (provider === undefined) throw invalidOption("options.provider", "must be set for signInPopup()");
      const { returnTo, params } = readRequest(request, "signInPopup");
      const { width, height, signal } = request ?? {};
      return provider.popup(returnTo, params, { width, height, signal });
    },

    complete(url) {
      const { redirect, keys } = settings.core;
      const page = pageUrl();
      if ((redirect === null && provider === undefined) || page === undefined) return Promise.resolve(null);
      const href = url === undefined ? page : hrefOf(url);
      const isPage = href === page;

      const stored = pendingText(keys.pending);
      const pending = stored !== null;
      const callback =
        redirect === null ? provider?.find(href, stored) : findCallback(href, redirect.accept, pending, redirect.stateParam, longest);
      if (isPage) {
        if (callback !== undefined) showInAddressBar(callback.cleaned);
        if (fromPage !== undefined && (callback === undefined || fromPage.href === href)) return repeat(fromPage);
        // Where there is no callback: after a reload (`hardClean`) the core may have an answer left.
        fromPage = answer(href, callback?.fragment ?? null, callback?.cleaned ?? null, pending);
        return fromPage.returnTo;
      }
      const known = [fromPage, fromElsewhere].find((given) => given?.href === href);
      if (known !== undefined) return repeat(known);
      if (callback === undefined) return Promise.resolve(null);
      fromElsewhere = answer(href, callback.fragment, null, pending);
      return fromElsewhere.returnTo;
    },

    forget() {
      fromPage = undefined;
      fromElsewhere = undefined;
    },
  };
}

/** How many times as long as a token a whole callback may be: three of them, escaped. */
const TOKENS_AND_ALL = 10;

/** What this tab remembers where it waits for a callback. Which one that is, is the core's business. */
function pendingText(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function hrefOf(url: string | URL): string {
  if (typeof url !== "string" && !(url instanceof URL)) {
    throw invalidOption("completeRedirect: url", `must be a URL, not ${kindOf(url)}`);
  }
  try {
    return new URL(url, pageUrl()).href;
  } catch {
    throw new AuthError("callback_malformed", "The URL of the callback cannot be parsed.");
  }
}

/** @throws AuthError `invalid_option` */
function readRequest(request: RedirectRequest | undefined, where: string): { returnTo: string | undefined; params: Record<string, string> | undefined } {
  const { returnTo, params } = request ?? {};
  if (returnTo !== undefined && typeof returnTo !== "string") {
    throw invalidOption(`${where}: returnTo`, `must be a path on this origin, not ${kindOf(returnTo)}`);
  }
  return { returnTo, params: readParams(params, where) };
}

function readParams(params: unknown, where: string): Record<string, string> | undefined {
  if (params === undefined) return undefined;
  if (typeof params !== "object" || params === null) {
    throw invalidOption(`${where}: params`, `must be an object of strings, not ${kindOf(params)}`);
  }
  const copy = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(params)) {
    if (typeof value !== "string") throw invalidOption(`${where}: params.${name}`, `must be a string, not ${kindOf(value)}`);
    copy[name] = value;
  }
  return copy;
}

/** For what comes after the page has been left. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
