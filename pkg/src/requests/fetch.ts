import { keepBody, keepsFiles } from "./body.js";
import type { Answer, Attempt, Authorizer, Replayable } from "../internals.js";
import { assign, create, keys } from "../platform/originals.js";
import { cloneRequest, getHeader, hasHeader, Headers, headersOf, pageBase, Request, requestUrl, setHeader, tagOf, URL } from "../platform/builtins.js";
import type { TokenHeader } from "../options/token-header.js";

/** `fetch` that carries tokens, sent by `send`. */
export function createFetch(authorizer: Authorizer, send: typeof globalThis.fetch): typeof globalThis.fetch {
  function carry(input: RequestInfo | URL, init: RequestInit | undefined): Promise<Response> {
    const request = typeof input === "object" ? requestOf(input) : undefined;
    const href = request === undefined ? resolve(input) : request.url;
    if (href === undefined) return send(input, init); // says better than we could what is wrong with it

    const options = init === undefined || init === null ? bare<RequestInit>({}) : copyOf(init);
    /** None of our business: as if we were not there. */
    const passOn = (): Promise<Response> => send(input, isReadOnce(init?.headers) ? options : init);
    const headers = callersHeaders(options, request?.request, authorizer.header);
    if (headers === AUTHORIZED) return passOn();

    const signal = options.signal === undefined ? request?.request.signal : options.signal;
    const sending = request === undefined ? plainSending(send, href, options, headers) : requestSending(send, request.request, options);
    return authorizer.carry(
      { url: href, method: options.method ?? request?.request.method ?? "GET", signal, isOptional: false, keep: sending.keep },
      { send: (attempt) => (attempt === null ? passOn() : sending.send(attempt)), read, discard },
    );
  }

  return function fetch(input, init) {
    try {
      return carry(input, init);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
      return Promise.reject(error);
    }
  };
}

/** What sends. */
type Send = typeof globalThis.fetch;

/** One request to an allowed address, to be sent once or twice. */
interface Sending {
  readonly keep: () => Replayable;
  readonly send: (attempt: Attempt) => Promise<Response>;
}

/** A URL and perhaps an `init`, none of them touched. The URL is resolved already: what was judged is what is asked. */
function plainSending(send: Send, href: string, options: RequestInit, headers: PlainHeaders): Sending {
  let own: Sending | undefined;
  return {
    keep() {
      const kept = keepBody(options.body ?? null);
      if (kept === undefined) return false;
      if (kept.body === null || kept.body === options.body) return true;
      // A `Request` takes the bytes of now for both sendings, the boundary of a form included. Of a copy: WebKit's keeps a
      // reference to the caller's object instead.
      if (headers !== undefined) options.headers = headers;
      options.body = kept.body;
      const request = new Request(href, options);
      own = ownSending(send, () => request, options.credentials !== undefined);
      return true; // `options` holds the files of a form for as long as this lives
    },
    send(attempt) {
      if (own !== undefined) return own.send(attempt);
      const { headers: carrying, redirect, credentials } = attempt;
      if (carrying !== undefined) options.headers = withHeaders(headers, carrying, redirect !== undefined);
      if (redirect !== undefined && options.redirect !== "manual") options.redirect = redirect;
      if (credentials !== undefined && options.credentials === undefined) options.credentials = credentials;
      return send(href, options);
    },
  };
}

/**
 * The caller's `Request`, used up like by the platform's own `fetch`. It does not tell whether its
 * `same-origin` credentials were chosen or are the default: they count as the default.
 */
function requestSending(send: Send, input: Request, options: RequestInit): Sending {
  const hasChosen = options.credentials !== undefined || input.credentials !== "same-origin";
  return ownSending(send, () => new Request(input, options), hasChosen);
}

/** A `Request` of ours: it is kept for the replay, a copy of it goes first. */
function ownSending(send: Send, make: () => Request, hasChosenCredentials: boolean): Sending {
  let kept: Request | undefined;
  return {
    keep: () => () => keepsFiles(kept),
    send(attempt) {
      let request = kept;
      if (request === undefined) {
        kept = make();
        request = new Request(cloneRequest(kept));
      }
      return send(authorized(request, attempt, hasChosenCredentials));
    },
  };
}

function authorized(request: Request, { headers, credentials, redirect }: Attempt, hasChosenCredentials: boolean): Request {
  const init = bare<RequestInit>({});
  if (credentials !== undefined && !hasChosenCredentials) init.credentials = credentials;
  if (redirect !== undefined && request.redirect !== "manual") init.redirect = redirect;
  let sent = request;
  if (init.credentials !== undefined || init.redirect !== undefined) {
    // Any init makes the platform forget the referrer.
    const { referrer, referrerPolicy } = request;
    sent = new Request(request, assign(init, { referrer, referrerPolicy }));
  }
  if (headers !== undefined) setHeaders(headersOf(sent), headers);
  return sent;
}

function read(response: Response): Answer {
  return new FetchAnswer(response);
}

/** One object for each answer: mostly nothing but its status is read. */
class FetchAnswer implements Answer {
  constructor(private readonly response: Response) {}

  get status(): number {
    return this.response.status;
  }

  get url(): string {
    return this.response.url;
  }

  get redirected(): boolean {
    return this.response.redirected;
  }

  header(name: string): string | null {
    return getHeader(this.response.headers, name);
  }

  headers(): Headers {
    return new Headers(this.response.headers);
  }

  async text(): Promise<string> {
    return this.response.clone().text();
  }
}

/** Its connection is free again. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}

// ── the input ──

function requestOf(input: object): { request: Request; url: string } | undefined {
  const url = requestUrl(input);
  return url === undefined ? undefined : { request: input as Request, url };
}

function resolve(input: RequestInfo | URL): string | undefined {
  try {
    return new URL(input as string | URL, pageBase()).href;
  } catch {
    return undefined;
  }
}

/** Every member of `init` that is worth copying; those of a class or a `Request` stand on its prototype. */
const INIT_MEMBERS = [
  "body", "cache", "credentials", "headers", "integrity", "keepalive", "method", "mode", "priority", "redirect",
  "referrer", "referrerPolicy", "signal", "window", "duplex",
] as const;

/** A copy that nothing can be inherited from; headers that can be read only once become readable again. */
function copyOf(init: RequestInit): RequestInit {
  const copy = bare(init) as Record<string, unknown>;
  const prototype: unknown = Object.getPrototypeOf(init);
  if (prototype !== Object.prototype && prototype !== null) {
    for (const name of INIT_MEMBERS) {
      const value = (init as Record<string, unknown>)[name];
      if (value !== undefined) copy[name] = value;
    }
  }
  if (isReadOnce(copy.headers)) copy.headers = [...copy.headers];
  return copy;
}

function bare<T extends object>(object: T): T {
  return assign(create(null) as T, object);
}

/** Headers from an iterator: to look at them uses them up. */
function isReadOnce(headers: unknown): headers is Iterable<unknown> {
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) return false;
  return Symbol.iterator in headers && tagOf(headers) !== "[object Headers]";
}

// ── headers ──

/** The caller's headers, as they were at the call. */
type PlainHeaders = Headers | Record<string, string> | undefined;

/** The caller has set the token's header: none of our business. */
const AUTHORIZED = Symbol("authorized");

function callersHeaders(options: RequestInit, request: Request | undefined, { key }: TokenHeader): PlainHeaders | typeof AUTHORIZED {
  const source = options.headers ?? request?.headers;
  if (source === undefined) return undefined;
  if (Object.getPrototypeOf(source) === Object.prototype && !(Symbol.iterator in source)) {
    const copy: Record<string, string> = {};
    for (const [name, value] of Object.entries(source)) {
      if (name.length === key.length && name.toLowerCase() === key) return AUTHORIZED;
      copy[name] = value;
    }
    return copy;
  }
  const copy = new Headers(source);
  return hasHeader(copy, key) ? AUTHORIZED : copy;
}

/** `isProven`: there are more names than the one that the caller has not set, for sure. */
function withHeaders(own: PlainHeaders, carrying: Readonly<Record<string, string>>, isProven: boolean): HeadersInit {
  if (own === undefined) return carrying;
  if (!isProven && !(own instanceof Headers)) return { ...own, ...carrying };
  const headers = own instanceof Headers ? own : new Headers(own); // our own copy
  setHeaders(headers, carrying);
  return headers;
}

function setHeaders(headers: Headers, carrying: Readonly<Record<string, string>>): void {
  for (const name of keys(carrying)) setHeader(headers, name, carrying[name] ?? "");
}
