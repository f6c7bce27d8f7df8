import { redacted } from "./dom.js";
import { internalsOf } from "../internals.js";
import { isSecure } from "../options/secure-url.js";
import type { Auth } from "../types.js";

/** What a request to an address would carry. */
export interface Verdict {
  /** `true`: the token. `false`: no token. */
  readonly goes: boolean;
  /** One line each: what goes along, or why not. */
  readonly lines: readonly string[];
}

/** Asks without sending anything, and without a refresh. */
export async function judge(auth: Auth<object>, text: string): Promise<Verdict> {
  const { authorizer } = internalsOf(auth);
  const url = parse(text);
  if (url === undefined) return no("This is no URL.");
  if (isClosed(auth)) return no("The auth was closed.");
  const { session } = auth;
  if (session.status === "loading") return no("It is not known yet whether somebody is signed in.");
  if (!authorizer.allows(url.href)) return no(`${why(url)} The request goes without the token.`);
  const cookies = authorizer.credentials === "include" ? ["Cookies go along (credentials: include)."] : [];
  if (session.status === "signed-out") {
    return no("The address may have the token, but nobody is signed in: the request goes without one.", ...cookies);
  }
  if (session.stale) {
    return no("The address may have the token, but it is over: a request waits for a refresh, and goes without one where that fails.", ...cookies);
  }
  try {
    const token = await auth.token({ minValiditySeconds: 0 });
    return { goes: true, lines: [`${authorizer.header.name}: ${authorizer.header.value(redacted(token))}`, ...cookies] };
  } catch {
    return no("The token ended just now, and could not be renewed: the request goes without one.", ...cookies);
  }
}

function no(...lines: string[]): Verdict {
  return { goes: false, lines };
}

/** Which of the rules keeps the token from `url`. */
function why(url: URL): string {
  if (url.username !== "" || url.password !== "") return "An address with a user name in it never gets the token.";
  if (!isSecure(url)) return `Only https gets the token, and http on this machine: not ${url.protocol}//${url.host}.`;
  return `${url.origin} with the path ${url.pathname} is not in options.origins.`;
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text, document.baseURI);
  } catch {
    return undefined;
  }
}

function isClosed(auth: Auth<object>): boolean {
  try {
    auth.subscribe(() => undefined)();
    return false;
  } catch {
    return true;
  }
}
