import { isPromise, type Token, type TokenCarrier } from "./internals.js";
import { cloneRequest, hasHeader, Headers, nativeFetch, pageBase, Request, requestUrl, setHeader, tagOf, URL } from "./platform.js";

/** `fetch` that carries tokens. */
export function createFetch(carrier: TokenCarrier): typeof globalThis.fetch {
  return async function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = typeof input === "object" ? requestOf(input) : undefined;
    const href = request === undefined ? resolve(input) : request.url;
    if (href === undefined) return nativeFetch(input, init); // says better than we could what is wrong with it

    const options = init === undefined || init === null ? bare<RequestInit>({}) : copyOf(init);
    /** None of our business: as if we were not there. */
    const passOn = (): Promise<Response> => nativeFetch(input, isReadOnce(init?.headers) ? options : init);
    const headers = callersHeaders(options, request?.request);
    if (headers === AUTHORIZED) return passOn();

    const signal = options.signal === undefined ? request?.request.signal : options.signal;
    const answer = carrier.tokenFor(href, signal);
    if (answer === null) return passOn();
    const send =
      request === undefined ? preparePlain(href, options, headers, carrier) : prepareRequest(request.request, options, carrier);
    const token = isPromise(answer) ? await answer : answer;
    if (token === null) return passOn();

    const response = await send.first(token);
    if (token === undefined || response.status !== 401) return response;
    // After a redirect out of the allowed addresses, the 401 is somebody else's.
    if (response.redirected && !carrier.allows(response.url)) return response;

    const challenge = response.headers.get("WWW-Authenticate");
    if (send.again === undefined) {
      // This answer stands, but the token is bad: let the next request have a better one.
      void carrier.recover(challenge, token);
      return response;
    }
    let better;
    try {
      better = await carrier.recover(challenge, token, signal);
    } catch (error) {
      discard(response);
      throw error;
    }
    if (better === undefined) return response;
    discard(response);
    return send.again(better);
  };
}

/** One request to an allowed address, to be sent once or twice. */
interface Sending {
  first(token: Token | undefined): Promise<Response>;
  /** Missing where the body cannot be sent twice. */
  readonly again?: (token: Token) => Promise<Response>;
}

/** A URL and perhaps an `init`, none of them touched. The URL is resolved already: what was judged is what is asked. */
function preparePlain(href: string, options: RequestInit, headers: PlainHeaders, carrier: TokenCarrier): Sending {
  const body = options.body;
  if (body !== undefined && body !== null && isMutable(body)) {
    // Takes the bytes of now, for both sendings; the boundary of a form included.
    if (headers !== undefined) options.headers = headers;
    options.body = ownBody(body);
    const request = new Request(href, options);
    const chosen = options.credentials !== undefined;
    return prepareOwn(() => request, () => (chosen ? undefined : carrier.credentials));
  }
  const send = (token: Token | undefined): Promise<Response> => {
    if (token !== undefined) options.headers = withToken(headers, token);
    const { credentials } = carrier;
    if (credentials !== undefined && options.credentials === undefined) options.credentials = credentials;
    return nativeFetch(href, options);
  };
  return isStream(body) ? { first: send } : { first: send, again: send };
}

/**
 * The caller's `Request`, used up like by the platform's own `fetch`. It does not tell whether its
 * `same-origin` credentials were chosen or are the default: they count as the default.
 */
function prepareRequest(input: Request, options: RequestInit, carrier: TokenCarrier): Sending {
  const chosen = options.credentials !== undefined || input.credentials !== "same-origin";
  return prepareOwn(
    () => new Request(input, options),
    () => (chosen ? undefined : carrier.credentials),
  );
}

/** A `Request` of ours: it is kept for the replay, a copy of it goes first. */
function prepareOwn(make: () => Request, credentials: () => "include" | undefined): Sending {
  let request: Request | undefined;
  return {
    first: (token) => {
      request = make();
      return nativeFetch(dressed(new Request(cloneRequest(request)), token, credentials()));
    },
    again: (token) => nativeFetch(dressed(request ?? make(), token, credentials())),
  };
}

function dressed(request: Request, token: Token | undefined, credentials: "include" | undefined): Request {
  const { referrer, referrerPolicy } = request;
  // Any init makes the platform forget the referrer.
  const sent = credentials === undefined ? request : new Request(request, bare({ credentials, referrer, referrerPolicy }));
  if (token !== undefined) setHeader(sent.headers, "Authorization", `Bearer ${token.text}`);
  return sent;
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
  return Object.assign(Object.create(null) as T, object);
}

/** Headers from an iterator: whoever looks at them uses them up. */
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
  const value = `Bearer ${token.text}`;
  if (headers === undefined) return { Authorization: value };
  if (!(headers instanceof Headers)) return { ...headers, Authorization: value };
  setHeader(headers, "Authorization", value); // our own copy
  return headers;
}

// ── bodies ──

/** Objects that the caller may change before the replay: their bytes are taken at once. */
function isMutable(body: BodyInit): boolean {
  if (typeof body !== "object") return false;
  if (ArrayBuffer.isView(body)) return true;
  const tag = tagOf(body);
  return tag === "[object FormData]" || tag === "[object URLSearchParams]" || tag === "[object ArrayBuffer]";
}

/** A copy of a mutable body: WebKit's `Request` keeps a reference to the caller's object instead of its bytes. */
function ownBody(body: BodyInit): BodyInit {
  if (ArrayBuffer.isView(body)) return body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength);
  switch (tagOf(body as object)) {
    case "[object ArrayBuffer]":
      return (body as ArrayBuffer).slice(0);
    case "[object URLSearchParams]":
      return new URLSearchParams((body as URLSearchParams).toString());
    default:
      return formOf(body as FormData);
  }
}

function formOf(form: FormData): FormData {
  const copy = new FormData();
  form.forEach((value, name) => {
    copy.append(name, value);
  });
  return copy;
}

/** Everything else that can be read only once, or nobody knows how often: streams, iterators. */
function isStream(body: BodyInit | null | undefined): boolean {
  if (body === undefined || body === null || typeof body !== "object") return false;
  const tag = tagOf(body);
  return tag !== "[object Blob]" && tag !== "[object File]";
}

/** An answer that nobody will read: its connection is free again. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}
