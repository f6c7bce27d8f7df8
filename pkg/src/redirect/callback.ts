import type { CallbackForm } from "../core/contract.js";
import { decoded, parametersStart, takeParameters } from "./parameters.js";

/** A redirect callback, found in a URL. */
export interface Callback {
  /**
   * What came back, raw and still percent-encoded: a bare token, or `name=value` pairs joined by `&`. Nothing where
   * that is too long to be read: the core then refuses it like one that misses everything.
   */
  readonly fragment: string;
  /** The URL without it; everything else byte for byte as it was. */
  readonly cleaned: string;
}

/**
 * Finds a callback in `href`, or `undefined` where there is none.
 *
 * Pure, and before all decisions: it only says what looks like a callback, so that it can be taken out of the
 * address bar at once. Whether it counts is the core's business.
 *
 * @param pending Whether this tab waits for a callback: only then weak signs are enough.
 * @param stateParam The name that the state comes back under, where there is one.
 * @param longest A longer fragment is not looked into, character by character: no token in it would count.
 */
export function findCallback(
  href: string,
  accept: readonly CallbackForm[],
  pending: boolean,
  stateParam: string | null,
  longest = Infinity,
): Callback | undefined {
  const hash = href.indexOf("#");
  if (hash === -1) return undefined;
  const page = href.slice(0, hash);
  const fragment = href.slice(hash + 1);
  if (fragment.length > longest) {
    return looksLikeCallback(fragment, accept, pending, stateParam) ? { fragment: "", cleaned: page } : undefined;
  }
  const find = (text: string): Split | undefined =>
    (accept.includes("fragment-params") ? findParameters(text, pending, stateParam) : undefined) ??
    (accept.includes("fragment-token") && isToken(text, pending) ? { taken: text, left: "" } : undefined);
  const found = find(fragment) ?? (pending ? findEncoded(fragment, find) : undefined);
  if (found === undefined) return undefined;
  return { fragment: found.taken, cleaned: found.left === "" ? page : `${page}#${found.left}` };
}

/** The signs that one look finds; what lacks them stays in the address bar, and counts for nothing. */
function looksLikeCallback(fragment: string, accept: readonly CallbackForm[], pending: boolean, stateParam: string | null): boolean {
  const has = (name: string): boolean => {
    const at = fragment.indexOf(`${name}=`);
    return at === 0 || (at !== -1 && "?&#/".includes(fragment.charAt(at - 1)));
  };
  if (accept.includes("fragment-params") && (has("access_token") || (has("error") && (pending || has(stateParam ?? "state"))))) return true;
  const beginning = fragment.slice(0, 100);
  if (!accept.includes("fragment-token") || beginning.startsWith("/") || !TOKEN68.test(beginning)) return false;
  return pending || JWT_BEGINNING.test(beginning);
}

interface Split {
  readonly taken: string;
  readonly left: string;
}

/** How often a callback may have been encoded on its way. */
const MOST_ENCODED = 3;

/** A callback that a server, or a mail program on the way, has percent-encoded as a whole, `=` and `&` with the rest. */
function findEncoded(fragment: string, find: (text: string) => Split | undefined): Split | undefined {
  if (!isEncoded(fragment)) return undefined;
  let text = fragment;
  for (let times = 0; times < MOST_ENCODED; times++) {
    text = decoded(text, (broken) => broken.replace(/%3D/gi, "=").replace(/%26/g, "&").replace(/%25/g, "%"));
    const found = find(text);
    if (found !== undefined) return { taken: found.taken, left: encodeLone(found.left) };
  }
  return undefined;
}

/** Where there is an `=` already, encoded ones belong to values: but for the one after a name of ours at its beginning. */
function isEncoded(fragment: string): boolean {
  if (!fragment.includes("%")) return false;
  return !fragment.includes("=") || /(?:^|[/!?&#])(?:access(?:_|%5F)token|error)%(?:25)*3D/i.test(fragment);
}

/** A fragment again; half a surrogate pair cannot be encoded and stays. */
function encodeLone(text: string): string {
  try {
    return encodeURI(text);
  } catch {
    return text;
  }
}

/** Parameters of OAuth 2.0, OpenID Connect, session management and RFC 9207, and the names servers use instead. */
const CALLBACK_NAMES: ReadonlySet<string> = new Set([
  "access_token", "token_type", "expires_in", "scope", "state", "error", "error_description", "error_uri",
  "id_token", "refresh_token", "session_state", "code", "iss", "token",
]);

/** Servers that append to `…/#/` without looking. */
const APPENDED = /^!?\/(?=(?:access_token|error)=)/;

/**
 * `#access_token=…&state=…`, alone or behind a router's path: `#/route?…`, `#/route&…`, `#/route#…`,
 * `#!/route?…`. What is not ours stays, with the separators it had.
 */
function findParameters(fragment: string, pending: boolean, stateParam: string | null): Split | undefined {
  const start = parametersStart(fragment, APPENDED);
  if (start === -1) return undefined;
  const { has, taken, left } = takeParameters(fragment, start, (name) => CALLBACK_NAMES.has(name) || name === stateParam);
  return has("access_token") || (has("error") && ((stateParam !== null && has(stateParam)) || pending)) ? { taken, left } : undefined;
}

/** What an `Authorization` header may carry (RFC 9110, section 11.2). The core's rule, for a page that has no core yet. */
export const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/;
/** A JWT's header is a JSON object, `{…`: in base64url that begins with `e` and one of these. */
const JWT = /^e[w-z0-9_-][A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
const JWT_BEGINNING = /^e[w-z0-9_-][A-Za-z0-9_-]*(?:\.|$)/;
/** Shorter ones are names of places on the page rather than tokens. */
const SHORTEST_OPAQUE_TOKEN = 20;

/** A bare `#TOKEN`: a JWT always, anything else only while this tab waits for one. */
function isToken(fragment: string, pending: boolean): boolean {
  if (/^[/!]/.test(fragment) || !TOKEN68.test(fragment)) return false;
  return JWT.test(fragment) || (pending && fragment.length >= SHORTEST_OPAQUE_TOKEN);
}
