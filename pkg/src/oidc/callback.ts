import type { CoreProvider } from "../core/contract.js";
import { URL } from "../platform/builtins.js";
import type { Callback } from "../redirect/callback.js";
import { parametersStart, takeParameters } from "../redirect/parameters.js";

/**
 * What an authorization server adds to the redirect URI (RFC 6749, section 4.1.2; RFC 9207; OpenID Connect Session
 * Management), and tokens, which it was not asked for and which must not stay there.
 */
const CALLBACK_NAMES: ReadonlySet<string> = new Set([
  "code", "state", "iss", "error", "error_description", "error_uri", "session_state", "access_token", "id_token", "refresh_token",
]);

/** Behind a router's path, by servers that append to `…/#/` without looking. */
const APPENDED = /^!?\/(?=(?:code|state|error)=)/;

/** A longer part is not looked into, character by character: no callback is. */
const LONGEST = 100_000;

/** A tab has left to sign in, or to sign out. */
export type Awaited = "sign-in" | "sign-out";

/** What the core remembers of a tab that has left for the end-session endpoint: `MARK` in `src/oidc/sign_out.rs`. */
const SIGNED_OUT = '{"v":1,"signedOut":true}';

/** By what stands under the pending sign-in's name in sessionStorage. */
export function awaitedIn(pending: string | null): Awaited | undefined {
  return pending === null ? undefined : pending === SIGNED_OUT ? "sign-out" : "sign-in";
}

/**
 * Finds a callback with a code or an error in `href`, or one from the end-session endpoint; `undefined` where there is none.
 *
 * Pure, and before all decisions: it only says what looks like a callback, so that it can be taken out of the address bar
 * at once. Whether it counts is the core's business.
 *
 * @param awaits What this tab has left for: only then weak signs are enough.
 */
export function findCodeCallback(href: string, provider: CoreProvider, awaits: Awaited | undefined): Callback | undefined {
  if (isAt(href, provider.redirectUri)) {
    const found = take(href, provider.responseMode);
    if (found !== undefined && (found.has("code") || found.has("error")) && (found.has("state") || awaits === "sign-in")) return found.callback;
  }
  // Of what the user has left for, nothing but the state comes back (RP-Initiated Logout 1.0, section 3).
  if (awaits !== "sign-out" || !isAt(href, provider.postLogoutRedirectUri)) return undefined;
  const found = take(href, "query");
  return found?.has("state") === true && !found.has("code") && !found.has("error") ? found.callback : undefined;
}

/** Whether the page is this one, whatever stands in its query and fragment. */
function isAt(href: string, address: string): boolean {
  const [page, wanted] = [new URL(href), new URL(address)];
  return page.protocol === wanted.protocol && page.host === wanted.host && page.pathname === wanted.pathname;
}

interface Found {
  readonly callback: Callback;
  readonly has: (name: string) => boolean;
}

function take(href: string, mode: CoreProvider["responseMode"]): Found | undefined {
  const hash = href.indexOf("#");
  const page = hash === -1 ? href : href.slice(0, hash);
  const rest = href.slice(page.length);
  if (mode === "fragment") {
    return rest === "" ? undefined : split(rest.slice(1), (left) => page + (left === "" ? "" : `#${left}`), (text) => parametersStart(text, APPENDED));
  }
  const query = page.indexOf("?");
  if (query === -1) return undefined;
  return split(page.slice(query + 1), (left) => page.slice(0, query) + (left === "" ? "" : `?${left}`) + rest, () => 0);
}

function split(text: string, cleaned: (left: string) => string, startIn: (text: string) => number): Found | undefined {
  if (text.length > LONGEST) {
    const has = (name: string): boolean => new RegExp(`(?:^|[?&#/])${name}=`).test(text);
    return { callback: { fragment: "", cleaned: cleaned("") }, has };
  }
  const start = startIn(text);
  if (start === -1) return undefined;
  const { has, taken, left } = takeParameters(text, start, (name) => CALLBACK_NAMES.has(name));
  return { callback: { fragment: taken, cleaned: cleaned(left) }, has };
}
