import { keepBody, keepsFiles } from "./body.js";
import { type Attempt, type Authorizer, bearer, type Replayable, type Token } from "./internals.js";
import { assign, create } from "./originals.js";
import { cloneRequest, hasHeader, Headers, headersOf, nativeFetch, pageBase, Request, requestUrl, setHeader, tagOf, URL } from "./platform.js";

/** `fetch` that carries tokens. */
export function createFetch(authorizer: Authorizer): typeof globalThis.fetch {
  function carry(input: RequestInfo | URL, init: RequestInit | undefined): Promise<Response> {
    const request = typeof input === "object" ? requestOf(input) : undefined;
    const href = request === undefined ? resolve(input) : request.url;
    if (href === undefined) return nativeFetch(input, init); // says better than we could what is wrong with it

    const options = init === undefined || init === null ? bare<RequestInit>({}) : copyOf(init);
    /** None of our business: as if we were not there. */
    const passOn = (): Promise<Response> => nativeFetch(input, isReadOnce(init?.headers) ? options : init);
    const headers = callersHeaders(options, request?.request);
    if (headers === AUTHORIZED) return passOn();

    const signal = options.signal === undefined ? request?.request.signal : options.signal;
    const { keep, send } = request === undefined ? plainSending(href, options, headers) : requestSending(request.request, options);
    return authorizer.carry(
      { url: href, signal, isOptional: false, keep },
      { send: (attempt) => (attempt === null ? passOn() : send(attempt)), read, discard },
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

/** One request to an allowed address, to be sent once or twice. */
interface Sending {
  readonly keep: () => Replayable;
  readonly send: (attempt: Attempt) => Promise<Response>;
}

/** A URL and perhaps an `init`, none of them touched. The URL is resolved already: what was judged is what is asked. */
function plainSending(href: string, options: RequestInit, headers: PlainHeaders): Sending {
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
      own = ownSending(() => request, options.credentials !== undefined);
      return true; // `options` holds the files of a form for as long as this lives
    },
    send(attempt) {
      if (own !== undefined) return own.send(attempt);
      const { token, credentials } = attempt;
      if (token !== undefined) options.headers = withToken(headers, token);
      if (credentials !== undefined && options.credentials === undefined) options.credentials = credentials;
      return nativeFetch(href, options);
    },
  };
}

/**
 * The caller's `Request`, used up like by the platform's own `fetch`. It does not tell whether its
 * `same-origin` credentials were chosen or are the default: they count as the default.
 */
function requestSending(input: Request, options: RequestInit): Sending {
  const hasChosen = options.credentials !== undefined || input.credentials !== "same-origin";
  return ownSending(() => new Request(input, options), hasChosen);
}

/** A `Request` of ours: it is kept for the replay, a copy of it goes first. */
function ownSending(make: () => Request, hasChosenCredentials: boolean): Sending {
  let kept: Request | undefined;
  return {
    keep: () => () => keepsFiles(kept),
    send({ token, credentials }) {
      let request = kept;
      if (request === undefined) {
        kept = make();
        request = new Request(cloneRequest(kept));
      }
      return nativeFetch(requestWithToken(request, token, hasChosenCredentials ? undefined : credentials));
    },
  };
}

function requestWithToken(request: Request, token: Token | undefined, credentials: Attempt["credentials"]): Request {
  let sent = request;
  if (credentials !== undefined) {
    // Any init makes the platform forget the referrer.
    const { referrer, referrerPolicy } = request;
    sent = new Request(request, bare({ credentials, referrer, referrerPolicy }));
  }
  if (token !== undefined) setHeader(headersOf(sent), "Authorization", bearer(token.text));
  return sent;
}

function read(response: Response): Response {
  return response;
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

/** The caller has set `Authorization`: none of our business. */
const AUTHORIZED = Symbol("authorized");

function callersHeaders(options: RequestInit, request: Request | undefined): PlainHeaders | typeof AUTHORIZED {
  const source = options.headers ?? request?.headers;
  if (source === undefined) return undefined;
  if (Object.getPrototypeOf(source) === Object.prototype && !(Symbol.iterator in source)) {
    const copy: Record<string, string> = {};
    for (const [name, value] of Object.entries(source)) {
      if (name.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) return AUTHORIZED;
      copy[name] = value;
    }
    return copy;
  }
  const copy = new Headers(source);
  return hasHeader(copy, AUTHORIZATION) ? AUTHORIZED : copy;
}

const AUTHORIZATION = "authorization";

function withToken(headers: PlainHeaders, token: Token): HeadersInit {
  const value = bearer(token.text);
  if (headers === undefined) return { Authorization: value };
  if (!(headers instanceof Headers)) return { ...headers, Authorization: value };
  setHeader(headers, "Authorization", value); // our own copy
  return headers;
}
