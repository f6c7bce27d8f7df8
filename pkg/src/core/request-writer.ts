import { invalidOption } from "../error.js";
import { assign, create, lasting } from "../platform/originals.js";
import { Headers, setHeader } from "../platform/builtins.js";
import type { TokenHeader } from "../options/token-header.js";

const { stringify } = JSON;
const { URLSearchParams } = globalThis;
const lastingForm = lasting<URLSearchParams>("URLSearchParams");

/** How an endpoint is called: what the application said of it. */
export interface Endpoint {
  readonly url: string;
  readonly method?: string;
  readonly encoding?: "json" | "form";
  readonly body?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly credentials?: RequestCredentials;
  readonly csrf?: { readonly cookie: string; readonly header?: string; readonly field?: string };
}

/** What the core sends along. */
export interface Load {
  /** The application's fields. */
  readonly fields: object | undefined;
  /** Fields of the core's; an object of this call alone. */
  readonly own: Record<string, string>;
  /** The access token, where the endpoint wants it. */
  readonly access: string | undefined;
  /** Whether the server knows the browser by a cookie. */
  readonly cookies: boolean;
  readonly keepalive: boolean;
  readonly signal: AbortSignal;
}

/** What `fetch` is to be given: without a prototype, so that a polluted one changes nothing. */
export function writeRequest(endpoint: Endpoint, { fields, own, access, cookies, keepalive, signal }: Load, header: TokenHeader): RequestInit {
  const { method = "POST", csrf } = endpoint;
  const headers = new Headers({ Accept: "application/json" });
  for (const [name, value] of Object.entries(endpoint.headers ?? {})) setHeader(headers, name, value);
  if (access !== undefined) setHeader(headers, header.name, header.value(access));
  const csrfToken = csrf && readCookie(csrf.cookie);
  if (csrfToken !== undefined) {
    if (csrf?.header !== undefined) {
      if (!FITS_HEADER.test(csrfToken)) throw invalidOption("options.csrf", "names a cookie whose value fits into no header: use field");
      setHeader(headers, csrf.header, csrfToken);
    }
    if (csrf?.field !== undefined) own[csrf.field] = csrfToken;
  }
  const isForm = endpoint.encoding === "form";
  const hasBody = !/^(?:get|head)$/i.test(method);
  if (hasBody) setHeader(headers, "Content-Type", isForm ? "application/x-www-form-urlencoded" : "application/json");
  const all = assign(create(null), endpoint.body, fields, own) as Record<string, unknown>;
  return assign(create(null), {
    method,
    headers,
    body: hasBody ? (isForm ? form(all) : stringify(all)) : undefined,
    credentials: endpoint.credentials ?? (cookies ? "include" : "same-origin"),
    // An answer with tokens in it must not be kept, and a redirect must not carry credentials elsewhere (SEC-26):
    // it is an answer like any other, so that it can be told from a network that is down.
    cache: "no-store",
    redirect: "manual",
    keepalive,
    signal,
  }) as RequestInit;
}

/** Strings as they are, all else as JSON writes it; what has no text is left out. */
function form(fields: Record<string, unknown>): string {
  const form = lastingForm(new URLSearchParams());
  // Nothing is inherited. Pairs in an array would be read by its iterator.
  for (const name in fields) {
    const value = fields[name];
    const text: unknown = typeof value === "string" ? value : stringify(value ?? undefined);
    if (typeof text === "string") form.append(name, text);
  }
  return form.toString();
}

/** What a header can carry: Latin-1 without control characters. */
const FITS_HEADER = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** The cookie's value as the server meant it: servers quote and percent-encode what a cookie cannot hold. */
function readCookie(name: string): string | undefined {
  const pairs = globalThis.document?.cookie.split(";").map((pair) => pair.trim());
  const value = pairs?.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1).replace(/^"(.*)"$/, "$1");
  try {
    return value && decodeURIComponent(value);
  } catch {
    return value;
  }
}
