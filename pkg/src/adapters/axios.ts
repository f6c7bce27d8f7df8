import { getAdapter } from "axios";
import { textOf } from "../requests/api-answer.js";
import { keepBody } from "../requests/body.js";
import { type Answer, type Attempt, type Authorizer, internalsOf } from "../internals.js";
import type { TokenHeader } from "../options/token-header.js";
import type { Auth } from "../types.js";

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

  const { authorizer } = internalsOf(auth);
  const link: Link = { instance, authorizer, isAttached: true };
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
  readonly authorizer: Authorizer;
  /** False once it was taken off: requests that passed the interceptor before go on without it. */
  isAttached: boolean;
}

// ── the adapter ──

type Adapter = ((config: Config) => Promise<Reply>) & { [UNDERNEATH]?: Config["adapter"] };

/** Marks an adapter of ours with the application's own one. Registered: other copies of this module know it too. */
const UNDERNEATH: unique symbol = Symbol.for("hallpass.axios.adapter");

function wrap(inner: Config["adapter"], link: Link): Adapter {
  const adapter: Adapter = async (config) => {
    // Code that sends this config again (retry libraries) passes the interceptor again.
    config.adapter = adapter[UNDERNEATH];
    const url = link.isAttached && !isAuthorized(config, link.authorizer.header) ? finalUrl(link.instance, config) : undefined;
    if (url === undefined) return passOn(inner, config);
    const cancellation = own(config, "cancelToken")?.toAbortSignal();
    try {
      return await carry(inner, config, link.authorizer, url, own(config, "signal") ?? cancellation);
    } finally {
      cancellation?.unsubscribe(); // the token may live for long
    }
  };
  adapter[UNDERNEATH] = typeof inner === "function" && UNDERNEATH in inner ? inner[UNDERNEATH] : inner;
  return adapter;
}

async function carry(
  inner: Config["adapter"],
  config: Config,
  authorizer: Authorizer,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  let body = config.data;
  const keep = (): boolean => {
    const kept = keepBody(config.data);
    if (kept !== undefined) ({ body } = kept);
    return kept !== undefined;
  };
  const outcome = await authorizer.carry<Outcome>(
    { url, method: own(config, "method") ?? "get", signal, isOptional: true, keep },
    {
      async send(attempt) {
        if (attempt === null) return given(await passOn(inner, config));
        const sent = withToken(config, attempt, body);
        return outcomeOf(() => passOn(inner, sent), config, { headers: attempt.headers ?? {}, token: attempt.token?.text });
      },
      read: ({ answer }) => answer,
    },
  );
  return outcome.settle();
}

function passOn(adapter: Config["adapter"], config: Config): Promise<Reply> {
  const send = typeof adapter === "function" ? adapter : (getAdapter as unknown as GetAdapter)(adapter, config);
  return send(config);
}

type GetAdapter = (adapters: Config["adapter"], config: Config) => (config: Config) => Promise<Reply>;

// ── the request ──

/** What an adapter is given. Own properties only: others come from a polluted prototype. */
interface Config {
  adapter?: Adapter | string | readonly (Adapter | string)[] | undefined;
  url?: string | undefined;
  method?: string | undefined;
  baseURL?: string | undefined;
  allowAbsoluteUrls?: boolean | undefined;
  headers: ConfigHeaders;
  data?: unknown;
  auth?: unknown;
  withCredentials?: boolean | undefined;
  fetchOptions?: RequestInit | undefined;
  env?: Environment | undefined;
  signal?: AbortSignal | undefined;
  cancelToken?: { toAbortSignal(): AbortSignal & { unsubscribe(): void } } | undefined;
}

interface Environment {
  fetch?: typeof fetch;
}

/** axios' own header class: this far into a request, headers are always one. */
interface ConfigHeaders {
  has(name: string): boolean;
  concat(headers: Readonly<Record<string, string>>): ConfigHeaders;
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

/** The caller has authorised the request by the token's header (of whatever value), or by axios' `auth`, which writes `Authorization`. */
function isAuthorized(config: Config, { name, key }: TokenHeader): boolean {
  return config.headers.has(name) || (key === "authorization" && Boolean(own(config, "auth")));
}

/** A copy for one sending: neither the caller nor an error ever sees its header. */
function withToken(config: Config, { headers, redirect, credentials }: Attempt, data: unknown): Config {
  const copy = Object.create(Object.getPrototypeOf(config) as object | null, Object.getOwnPropertyDescriptors(config)) as Config;
  Object.assign(copy, urlParts(config), { data, env: notingUrls(own(config, "env")) });
  if (headers !== undefined) copy.headers = config.headers.concat(headers);
  // Of the fetch adapter; the others have no such option.
  if (redirect !== undefined) {
    const options = own(config, "fetchOptions");
    copy.fetchOptions = { ...options, redirect: options?.redirect === "manual" ? "manual" : redirect };
  }
  if (credentials !== undefined && own(config, "withCredentials") === undefined) copy.withCredentials = true;
  return copy;
}

// ── the answer ──

interface Reply {
  status: number;
  headers: unknown;
  data: unknown;
  config: Config;
  request?: unknown;
}

/** What was sent, and must not be seen in what comes back. */
interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly token: string | undefined;
}

/** What came of a sending. */
interface Outcome {
  /** As a reply, or inside an error. */
  readonly answer?: Answer;
  settle(): Reply;
}

function given(reply: Reply): Outcome {
  return { settle: () => reply };
}

async function outcomeOf(send: () => Promise<Reply>, config: Config, sent: Sent): Promise<Outcome> {
  try {
    const reply = await send();
    return { answer: receive(reply, config, sent), ...given(reply) };
  } catch (error) {
    const failure = {
      settle() {
        throw error;
      },
    };
    const holder = error as { config?: Config; request?: unknown; response?: Reply } | undefined;
    if (typeof holder !== "object" || holder === null) return failure;
    if (holder.config !== undefined) holder.config = config;
    hideToken(holder, sent);
    return holder.response === undefined ? failure : { answer: receive(holder.response, config, sent), ...failure };
  }
}

function receive(reply: Reply, config: Config, sent: Sent): Answer {
  const { status } = reply;
  const url = urlOf(reply.request);
  reply.config = config;
  hideToken(reply, sent);
  return {
    status,
    url,
    header: (name) => headersOf(reply).get(name),
    headers: () => headersOf(reply),
    async text() {
      const { data } = reply;
      if (!(data instanceof ReadableStream)) return textOf(data);
      const [copy, rest] = data.tee();
      reply.data = rest;
      return new Response(copy).text();
    },
  };
}

function urlOf(request: unknown): string | null {
  if (typeof request !== "object" || request === null) return null;
  const url: unknown = (request as { responseURL?: unknown }).responseURL ?? urls.get(request);
  return typeof url === "string" ? url : null;
}

/** axios' own class, or a plain object of an adapter's; what the platform knows as no header is left out. */
function headersOf({ headers }: Reply): Headers {
  const made = new Headers();
  if (typeof headers !== "object" || headers === null) return made;
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== "string" && !Array.isArray(value)) continue;
    try {
      made.set(name, String(value));
    } catch {
      // A name or value of the adapter's own making.
    }
  }
  return made;
}

/*
 * An XMLHttpRequest says where its answer came from. Of the fetch adapter nothing does but the `Response`, which only its
 * `fetch` sees (axios takes one from the config since 1.12).
 */

/** By request, where the answer came from. */
const urls = new WeakMap<object, string>();
const noting = new WeakMap<typeof fetch, typeof fetch>();

function notingUrls(env: Environment | undefined): Environment {
  const inner = env?.fetch;
  return { ...env, fetch: inner === undefined ? fetchNoting : notingBy(inner) };
}

/** One for each `fetch`: axios keeps an adapter for each that it is given. */
function notingBy(inner: typeof fetch): typeof fetch {
  let made = noting.get(inner);
  if (made === undefined) {
    made = async (input, init) => {
      const response = await inner(input, init);
      if (typeof input === "object") urls.set(input, response.url);
      return response;
    };
    noting.set(inner, made);
  }
  return made;
}

/** The global one of the moment, as in axios itself. */
const fetchNoting = notingBy((input, init) => fetch(input, init));

/**
 * The adapter's request without the header. A browser's own XMLHttpRequest does not tell what it has sent; a `Request`
 * does, and so do Node's requests and what native shells put in the place of XMLHttpRequest: those are left out.
 */
function hideToken(holder: { request?: unknown }, { headers, token }: Sent): void {
  const { request } = holder;
  if (token === undefined || typeof request !== "object" || request === null) return;
  try {
    if (Object.prototype.toString.call(request) === "[object Request]") {
      for (const name of Object.keys(headers)) (request as Request).headers.delete(name);
    }
    if (!holds(request, token, 3)) return;
  } catch {
    // A proxy or a getter of the application's: what it holds is unknown, so it is not kept.
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
