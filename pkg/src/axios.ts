import { getAdapter } from "axios";
import { type Answer as TokenAnswer, internalsOf, type Token, type TokenCarrier } from "./internals.js";
import type { Auth } from "./types.js";

/** As much of an axios instance as is needed here: axios 1.x, whatever copy of it. */
export interface AxiosLike {
  getUri(config?: object): string;
  interceptors: {
    request: {
      /** Its handlers are typed more narrowly than this file needs to know. */
      use: (...handlers: never[]) => number;
      eject(id: number): void;
    };
  };
}

/**
 * Adds the token and the 401 replay to an axios instance. Returns the function that takes them off.
 * Attaching twice does nothing more, and returns the first one's.
 *
 * What `auth.fetch` promises holds here too. Whether a request may carry the token is decided inside the
 * adapter, on the URL that is really asked, after all interceptors; the header shows up in no config,
 * response or error. On the replay a `FormData` goes out with the same parts under a new boundary.
 */
export function attachAxios(instance: AxiosLike, auth: Auth<object>): () => void {
  const attached = attachments(instance);
  const known = attached.get(auth);
  if (known !== undefined) return known;

  const { carrier } = internalsOf(auth);
  const link: Link = { instance, carrier, isAttached: true };
  const addWrapper = (config: Config): Config => {
    config.adapter = wrap(config.adapter, link);
    return config;
  };
  const { request } = instance.interceptors;
  const id = request.use(addWrapper as never);

  const detach = (): void => {
    if (!link.isAttached) return;
    link.isAttached = false;
    request.eject(id);
    attached.delete(auth);
  };
  attached.set(auth, detach);
  return detach;
}

/** One auth on one instance. */
interface Link {
  readonly instance: AxiosLike;
  readonly carrier: TokenCarrier;
  /** False once it was taken off: requests that passed the interceptor before go on without it. */
  isAttached: boolean;
}

// ── the adapter ──

type Adapter = ((config: Config) => Promise<Answer>) & { [UNDERNEATH]?: Config["adapter"] };

/** Marks an adapter of ours with the application's own one. Registered: other copies of this module know it too. */
const UNDERNEATH: unique symbol = Symbol.for("hallpass.axios.adapter");

function wrap(inner: Config["adapter"], link: Link): Adapter {
  const adapter: Adapter = async (config) => {
    // Whoever sends this config again (retry libraries do) passes the interceptor again.
    config.adapter = adapter[UNDERNEATH];
    if (!link.isAttached || isAuthorized(config)) return passOn(inner, config);
    return carry(inner, config, link);
  };
  adapter[UNDERNEATH] = typeof inner === "function" && UNDERNEATH in inner ? inner[UNDERNEATH] : inner;
  return adapter;
}

async function carry(inner: Config["adapter"], config: Config, link: Link): Promise<Answer> {
  const signal = own(config, "signal");
  const cancellation = own(config, "cancelToken")?.toAbortSignal();
  try {
    return await carryUnless(signal ?? cancellation, inner, config, link);
  } finally {
    cancellation?.unsubscribe(); // the token may live for long
  }
}

async function carryUnless(signal: AbortSignal | undefined, inner: Config["adapter"], config: Config, link: Link): Promise<Answer> {
  const { carrier } = link;
  const url = finalUrl(link.instance, config);
  const token = url === undefined ? null : await tokenOrNone(carrier, url, signal);
  // Asked again after the wait: relative URLs follow the page.
  if (url === undefined || token === null || !carrier.allows(url)) return passOn(inner, config);

  const body = bodyOf(config.data);
  const first = await outcomeOf(() => passOn(inner, dressed(config, token, body.first, carrier)), config, token?.text);
  const answer = first.answer;
  if (token === undefined || answer?.status !== 401 || !isFromAllowed(carrier, answer)) return settle(first);

  const challenge = headerOf(answer.headers, "www-authenticate");
  if (!body.isReplayable) {
    void carrier.recover(challenge, token);
    return settle(first);
  }
  const better = await carrier.recover(challenge, token, signal);
  if (better === undefined) return settle(first);
  return settle(await outcomeOf(() => passOn(inner, dressed(config, better, body.again(), carrier)), config, better.text));
}

/** A closed or broken auth must not take the application's requests with it. */
async function tokenOrNone(carrier: TokenCarrier, url: string, signal: AbortSignal | undefined): Promise<TokenAnswer> {
  try {
    return await carrier.tokenFor(url, signal);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return null;
  }
}

function passOn(adapter: Config["adapter"], config: Config): Promise<Answer> {
  const send = typeof adapter === "function" ? adapter : (getAdapter as unknown as GetAdapter)(adapter, config);
  return send(config);
}

type GetAdapter = (adapters: Config["adapter"], config: Config) => (config: Config) => Promise<Answer>;

// ── the request ──

/** What an adapter is given. Own properties only: others come from a polluted prototype. */
interface Config {
  adapter?: Adapter | string | readonly (Adapter | string)[] | undefined;
  url?: string | undefined;
  baseURL?: string | undefined;
  allowAbsoluteUrls?: boolean | undefined;
  headers: ConfigHeaders;
  data?: unknown;
  auth?: unknown;
  withCredentials?: boolean | undefined;
  signal?: AbortSignal | undefined;
  cancelToken?: { toAbortSignal(): AbortSignal & { unsubscribe(): void } } | undefined;
}

/** axios' own header class: this far into a request, headers are always one. */
interface ConfigHeaders {
  has(name: string): boolean;
  concat(headers: Record<string, string>): ConfigHeaders;
}

function own<K extends keyof Config>(config: Config, name: K): Config[K] | undefined {
  return Object.prototype.hasOwnProperty.call(config, name) ? config[name] : undefined;
}

/** The parts of the URL, with nothing left for a default or a prototype to fill in. */
function urlParts(config: Config): { url: string; baseURL: string; allowAbsoluteUrls: boolean } {
  return {
    url: own(config, "url") ?? "",
    baseURL: own(config, "baseURL") ?? "",
    allowAbsoluteUrls: own(config, "allowAbsoluteUrls") ?? true,
  };
}

/** The URL that the adapter will ask, without the query: axios' own rules, applied to what the config says now. */
function finalUrl(instance: AxiosLike, config: Config): string | undefined {
  try {
    return instance.getUri({ ...urlParts(config), params: null });
  } catch {
    return undefined; // the adapter says what is wrong with it
  }
}

/** The caller has authorised the request by a header (of whatever value) or by axios' `auth`. */
function isAuthorized(config: Config): boolean {
  return config.headers.has("Authorization") || Boolean(own(config, "auth"));
}

/** A copy for one sending: neither the caller nor an error ever sees its header. */
function dressed(config: Config, token: Token | undefined, data: unknown, carrier: TokenCarrier): Config {
  const copy = Object.create(Object.getPrototypeOf(config) as object | null, Object.getOwnPropertyDescriptors(config)) as Config;
  Object.assign(copy, urlParts(config));
  if (token !== undefined) copy.headers = config.headers.concat({ Authorization: `Bearer ${token.text}` });
  copy.data = data;
  if (carrier.credentials !== undefined && own(config, "withCredentials") === undefined) copy.withCredentials = true;
  return copy;
}

/** A body, for one sending or two. axios has made strings of most kinds already. */
interface Body {
  readonly first: unknown;
  readonly isReplayable: boolean;
  again(): unknown;
}

function bodyOf(data: unknown): Body {
  if (typeof data !== "object" || data === null) return { first: data, isReplayable: true, again: () => data };
  switch (Object.prototype.toString.call(data)) {
    case "[object Blob]":
    case "[object File]":
      return { first: data, isReplayable: true, again: () => data };
    case "[object URLSearchParams]": {
      const text = (data as URLSearchParams).toString();
      return { first: data, isReplayable: true, again: () => new URLSearchParams(text) };
    }
    case "[object FormData]": {
      const copy = new FormData();
      (data as FormData).forEach((value, name) => {
        copy.append(name, value);
      });
      return { first: data, isReplayable: true, again: () => copy };
    }
    case "[object ArrayBuffer]": {
      const copy = (data as ArrayBuffer).slice(0);
      return { first: data, isReplayable: true, again: () => copy };
    }
    default: {
      if (!ArrayBuffer.isView(data)) return { first: data, isReplayable: false, again: () => undefined };
      const copy = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
      return { first: data, isReplayable: true, again: () => copy };
    }
  }
}

// ── the answer ──

interface Answer {
  status: number;
  headers: unknown;
  config: Config;
  request?: unknown;
}

/** An answer, that came back as one or inside an error. */
type Outcome =
  | { readonly answer: Answer; readonly failure?: never }
  | { readonly answer: Answer | undefined; readonly failure: { readonly error: unknown } };

async function outcomeOf(send: () => Promise<Answer>, config: Config, token: string | undefined): Promise<Outcome> {
  try {
    const answer = await send();
    answer.config = config;
    undress(answer, token);
    return { answer };
  } catch (error) {
    const failure = error as { config?: Config; request?: unknown; response?: Answer } | undefined;
    if (typeof failure !== "object" || failure === null) return { answer: undefined, failure: { error } };
    if (failure.config !== undefined) failure.config = config;
    undress(failure, token);
    if (failure.response !== undefined) {
      failure.response.config = config;
      undress(failure.response, token);
    }
    return { answer: failure.response, failure: { error } };
  }
}

/**
 * The adapter's request without the header. A browser's own XMLHttpRequest tells nobody what it has sent; a `Request`
 * does, and so do Node's requests and what native shells put in the place of XMLHttpRequest: those are left out.
 */
function undress(holder: { request?: unknown }, token: string | undefined): void {
  const { request } = holder;
  if (token === undefined || typeof request !== "object" || request === null) return;
  try {
    if (Object.prototype.toString.call(request) === "[object Request]") (request as Request).headers.delete("Authorization");
    if (!holds(request, token, 3)) return;
  } catch {
    // Who knows what is in there.
  }
  holder.request = undefined;
}

/** Whether the token stands in a property of `object`, or so many objects below it. */
function holds(object: object, token: string, depth: number): boolean {
  return Object.values(object).some((value: unknown) => {
    if (typeof value === "string") return value.includes(token);
    return depth > 0 && typeof value === "object" && value !== null && holds(value, token, depth - 1);
  });
}

function settle(outcome: Outcome): Answer {
  if (outcome.failure !== undefined) throw outcome.failure.error;
  return outcome.answer;
}

/** After a redirect out of the allowed addresses, a 401 is somebody else's. Only XMLHttpRequest tells. */
function isFromAllowed(carrier: TokenCarrier, answer: Answer): boolean {
  const url = (answer.request as { responseURL?: unknown } | undefined)?.responseURL;
  return typeof url !== "string" || url === "" || carrier.allows(url);
}

function headerOf(headers: unknown, name: string): string | null {
  if (typeof headers !== "object" || headers === null) return null;
  const key = Object.keys(headers).find((candidate) => candidate.toLowerCase() === name);
  const value = key === undefined ? undefined : (headers as Record<string, unknown>)[key];
  return typeof value === "string" ? value : null;
}

// ── attachments ──

/** Kept on the instance itself, unlisted: they end with it, and every copy of this module sees them. */
const ATTACHMENTS: unique symbol = Symbol.for("hallpass.axios.attachments");

function attachments(instance: AxiosLike): Map<unknown, () => void> {
  const holder = instance as AxiosLike & { [ATTACHMENTS]?: Map<unknown, () => void> };
  const known = holder[ATTACHMENTS];
  if (known !== undefined) return known;
  const fresh = new Map<unknown, () => void>();
  Object.defineProperty(instance, ATTACHMENTS, { value: fresh });
  return fresh;
}
