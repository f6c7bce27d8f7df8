import type { CoreEndpoint, CoreLimits, CoreOptions, CoreRedirect, Functions } from "./core.js";
import { invalidOption, kindOf, redactUrl } from "./error.js";
import type { Endpoints } from "./exchange.js";
import { hasOwn, nativeFetch, URL } from "./platform.js";
import type { Endpoint } from "./request-writer.js";
import { createTokenHeader, refuseForbidden, type TokenHeader } from "./token-header.js";
import type { AuthOptions } from "./types.js";

/** Options, checked and resolved. */
export interface Settings {
  readonly core: CoreOptions;
  /** The application's functions among the options. */
  readonly functions: Functions;
  /** How its endpoints are called. */
  readonly endpoints: Endpoints;
  readonly header: TokenHeader;
  readonly unauthorized: AuthOptions["unauthorized"];
  /** Sends everything. */
  readonly fetch: typeof globalThis.fetch;
}

/**
 * Checks by shape: names, types, ranges, URLs. What options mean together is the core's business.
 * Only own properties count, so that a polluted `Object.prototype` changes nothing, and what comes out
 * has no prototype at all.
 *
 * @param page The page's own URL, from which relative ones start: a `<base>` that was put into the page leads
 * nowhere. `undefined` on a server, where nothing will be sent.
 * @throws AuthError `invalid_option`, naming the option and what would be right
 */
export function readOptions(options: unknown, page: string | undefined): Settings {
  const root = fields("options", options === undefined ? {} : options, [
    "name", "origins", "storage", "tabs", "header", "unauthorized", "fetch", "signIn", "refresh", "signOut", "redirect", "fingerprint", "schedule", "limits", "readTokens",
  ]);
  const urls = urlReader(page);
  const functions: Functions = {};
  const endpoints = bare<Endpoints>({});

  const readTokens = root.optional("readTokens", functionValue);
  if (readTokens !== undefined) functions.readTokens = readTokens as NonNullable<AuthOptions["readTokens"]>;

  const core: CoreOptions = bare({
    name: root.optional("name", nameValue) ?? "default",
    origins: root.optional("origins", originList) ?? ownOrigin(urls.page),
    storage: readStorage(root, functions),
    tabs: root.optional("tabs", oneOf("separate", "shared")),
    signIn: root.optional("signIn", (value, where) => readEndpoint("signIn", value, where, urls, endpoints)),
    refresh: root.optional("refresh", (value, where) => readRefresh(value, where, urls, endpoints, functions)),
    signOut: root.optional("signOut", (value, where) => readSignOut(value, where, urls, endpoints, functions)),
    redirect: root.optional("redirect", (value, where) => readRedirect(value, where, urls)),
    fingerprint: root.optional("fingerprint", readFingerprint),
    schedule: root.optional("schedule", readSchedule),
    limits: root.optional("limits", readLimits),
  });
  refuseLostFields(core, endpoints);
  return {
    core,
    functions,
    endpoints,
    header: root.optional("header", readHeader) ?? createTokenHeader(),
    unauthorized: root.optional("unauthorized", functionValue) as AuthOptions["unauthorized"],
    fetch: (root.optional("fetch", functionValue) as typeof fetch | undefined) ?? nativeFetch,
  };
}

// ── the parts ──

function readStorage(root: Fields, functions: Functions): CoreOptions["storage"] {
  const rule = 'must be "session", "memory", "local" or an object with the methods get, set and remove';
  const storage = root.optional("storage", (value, where) => {
    if (value === "session" || value === "memory" || value === "local") return value;
    if (typeof value !== "object" || value === null) throw wrong(where, rule, value);
    // The methods of a class stand on its prototype: everything but Object.prototype counts.
    const [get, set, remove] = ["get", "set", "remove"].map((name) => {
      const method = (value as Record<string, unknown>)[name];
      const inherited = (Object.prototype as unknown as Record<string, unknown>)[name];
      if (typeof method !== "function" || method === inherited) throw wrong(where, rule, value);
      return method as (...args: unknown[]) => unknown;
    }) as [Method, Method, Method];
    functions.storage = {
      get: (key) => get.call(value, key),
      set: (key, text) => set.call(value, key, text),
      remove: (key) => remove.call(value, key),
    };
    return "custom" as const;
  });
  return storage ?? "session";
}

type Method = (...args: unknown[]) => unknown;

function readHeader(value: unknown, where: string): TokenHeader {
  const all = fields(where, value, ["name", "scheme"]);
  const name = all.optional("name", (name, at) => {
    const header = tokenValue(name, at);
    refuseForbidden(header, at);
    return header;
  });
  return createTokenHeader(name, all.optional("scheme", schemeValue));
}

/** What stands before the token, and a space. */
function schemeValue(value: unknown, where: string): string {
  if (typeof value !== "string" || !/^(?:[!-~](?:[ -~]*[!-~])?)?$/.test(value)) {
    throw wrong(where, 'must be a scheme such as "Bearer" or "Token", or "" for the bare token', value);
  }
  return value;
}

const ENDPOINT = ["url", "method", "encoding", "body", "headers", "credentials", "bearer", "csrf", "timeoutSeconds"];

/** What the core decides by; how the endpoint is called goes to `endpoints`. */
function readEndpoint(
  name: keyof Endpoints,
  value: unknown,
  where: string,
  urls: UrlReader,
  endpoints: Endpoints,
  more?: (all: Fields) => CoreEndpoint,
): CoreEndpoint {
  if (typeof value === "string") {
    endpoints[name] = bare<Endpoint>({ url: urls.endpoint(value, where) });
    return bare({});
  }
  const names = more === undefined ? ENDPOINT : [...ENDPOINT, "refreshToken", "refreshTokenField", "rejected"];
  const all = fields(where, value, names, "a URL, an object with a url" + (where === "options.signIn" ? "" : ", or a function"));
  const endpoint = bare<Endpoint>({
    url: all.required("url", urls.endpoint),
    method: all.optional("method", methodValue),
    encoding: all.optional("encoding", oneOf("json", "form")),
    body: all.optional("body", recordValue),
    headers: all.optional("headers", headersValue),
    credentials: all.optional("credentials", oneOf("omit", "same-origin", "include")),
    csrf: all.optional("csrf", readCsrf),
  });
  endpoints[name] = endpoint;
  const rest: CoreEndpoint = bare({
    bearer: all.optional("bearer", booleanValue),
    timeoutSeconds: all.optional("timeoutSeconds", numberValue),
    ...more?.(all),
  });
  refuseLostBody(name, where, endpoint, all, rest);
  return rest;
}

/** Browsers send no body with GET and HEAD: what would stand in one is refused, not silently left out. */
function refuseLostBody(name: keyof Endpoints, where: string, endpoint: Endpoint, all: Fields, rest: CoreEndpoint): void {
  if (!isBodiless(endpoint)) return;
  const sends = (what: string): Error => lost(where, endpoint, what);
  if (name === "signIn") throw sends("the credentials");
  if (endpoint.body !== undefined) throw sends("the fields of body");
  if (endpoint.csrf?.field !== undefined) throw sends("the field of csrf");
  if (all.optional("encoding", textValue) !== undefined) throw sends("what encoding writes");
  const { refreshToken } = rest as { refreshToken?: string };
  // A session that is renewed with its access token, or by a cookie, needs no body.
  if (name === "refresh" && refreshToken !== "cookie" && (refreshToken !== undefined || rest.bearer !== true)) {
    throw sends("the refresh token");
  }
}

/** The same for what another option adds: the refresh token at sign-out, the fingerprint's hash. */
function refuseLostFields({ refresh, signOut, fingerprint }: CoreOptions, endpoints: Endpoints): void {
  const isClient = (fingerprint as { mode?: unknown } | undefined)?.mode === "client";
  if (isClient && isBodiless(endpoints.refresh)) throw lost("options.refresh", endpoints.refresh, "the fingerprint");
  const byToken = typeof refresh === "object" && refresh.refreshToken !== "cookie" && (refresh.refreshToken !== undefined || refresh.bearer !== true);
  if (byToken && typeof signOut === "object" && signOut.bearer !== true && isBodiless(endpoints.signOut)) {
    throw lost("options.signOut", endpoints.signOut, "the refresh token");
  }
}

function isBodiless(endpoint: Endpoint | undefined): boolean {
  return endpoint?.method !== undefined && /^(?:get|head)$/i.test(endpoint.method);
}

function lost(where: string, endpoint: Endpoint | undefined, what: string): Error {
  return invalidOption(`${where}.method`, `must be one with a body, such as "POST": with ${endpoint?.method ?? "GET"} ${what} would not be sent`);
}

function readCsrf(value: unknown, where: string): NonNullable<Endpoint["csrf"]> {
  const all = fields(where, value, ["cookie", "header", "field"]);
  const csrf = bare({
    cookie: all.required("cookie", tokenValue),
    header: all.optional("header", tokenValue),
    field: all.optional("field", textValue),
  });
  if (csrf.header === undefined && csrf.field === undefined) {
    throw invalidOption(where, "must name the header or the body field that carries the cookie's value");
  }
  return csrf;
}

function readRefresh(value: unknown, where: string, urls: UrlReader, endpoints: Endpoints, functions: Functions): CoreEndpoint | "function" {
  if (typeof value === "function") {
    functions.refresh = value as NonNullable<Functions["refresh"]>;
    return "function";
  }
  return readEndpoint("refresh", value, where, urls, endpoints, (all) => {
    const rejected = all.optional("rejected", functionValue);
    if (rejected !== undefined) functions.rejected = rejected as NonNullable<Functions["rejected"]>;
    return bare({
      refreshToken: all.optional("refreshToken", oneOf("body", "memory", "cookie")),
      refreshTokenField: all.optional("refreshTokenField", textValue),
    });
  });
}

function readSignOut(value: unknown, where: string, urls: UrlReader, endpoints: Endpoints, functions: Functions): CoreEndpoint | "function" {
  if (typeof value === "function") {
    functions.signOut = value as NonNullable<Functions["signOut"]>;
    return "function";
  }
  return readEndpoint("signOut", value, where, urls, endpoints);
}

function readRedirect(value: unknown, where: string, urls: UrlReader): CoreRedirect {
  const all = fields(where, value, [
    "url", "accept", "returnParam", "callbackUrl", "stateParam", "maxAgeSeconds", "hardClean",
  ]);
  return bare({
    url: all.required("url", urls.endpoint),
    accept: all.optional("accept", acceptValue),
    returnParam: all.optional("returnParam", textValue),
    callbackUrl: all.optional("callbackUrl", urls.callback),
    stateParam: all.optional("stateParam", (name, at) => (name === null ? null : textValue(name, at))),
    maxAgeSeconds: all.optional("maxAgeSeconds", numberValue),
    hardClean: all.optional("hardClean", booleanValue),
  });
}

function readFingerprint(value: unknown, where: string): object {
  const all = fields(where, value, ["mode", "claim", "cookie", "field"]);
  return bare({
    mode: all.required("mode", oneOf("server", "client")),
    claim: all.optional("claim", textValue),
    cookie: all.optional("cookie", tokenValue),
    field: all.optional("field", textValue),
  });
}

function readSchedule(value: unknown, where: string): object {
  const all = fields(where, value, [
    "leadSeconds", "jitterSeconds", "leewaySeconds", "everySeconds", "onStart", "softExpiryClaim", "proactive",
  ]);
  return bare({
    leadSeconds: all.optional("leadSeconds", numberValue),
    jitterSeconds: all.optional("jitterSeconds", numberValue),
    leewaySeconds: all.optional("leewaySeconds", numberValue),
    everySeconds: all.optional("everySeconds", numberValue),
    onStart: all.optional("onStart", booleanValue),
    softExpiryClaim: all.optional("softExpiryClaim", textValue),
    proactive: all.optional("proactive", booleanValue),
  });
}

function readLimits(value: unknown, where: string): CoreLimits {
  const all = fields(where, value, ["idleSeconds", "idleWarningSeconds", "sessionSeconds", "tokenBytes"]);
  return bare({
    idleSeconds: all.optional("idleSeconds", numberValue),
    idleWarningSeconds: all.optional("idleWarningSeconds", numberValue),
    sessionSeconds: all.optional("sessionSeconds", numberValue),
    tokenBytes: all.optional("tokenBytes", numberValue),
  });
}

// ── origins and URLs ──

const SECURE = "https, or http on localhost";

function originList(value: unknown, where: string): string[] {
  if (!Array.isArray(value)) throw wrong(where, 'must be an array of origins such as ["https://api.example.com"]', value);
  return value.map((entry: unknown, index) => originValue(entry, `${where}[${String(index)}]`));
}

function originValue(value: unknown, where: string): string {
  const rule = `must be an origin such as "https://api.example.com", with a path prefix if need be (${SECURE})`;
  if (typeof value !== "string") throw wrong(where, rule, value);
  const url = parse(value, undefined);
  if (url === undefined) throw invalidOption(where, `${rule}; it is no absolute URL`);
  if (!isSecure(url)) throw invalidOption(where, `${rule}, not ${redactUrl(url)}`);
  if (hasUserinfo(url) || value.includes("?") || value.includes("#")) {
    throw invalidOption(where, `${rule}, without user name, query and fragment`);
  }
  if (/%2f|%5c/i.test(url.pathname)) throw invalidOption(where, `${rule}, without an encoded slash in the path`);
  return url.href;
}

/** The page's own origin where it may have tokens at all; a page on plain http or with an origin of its own kind may not. */
function ownOrigin(page: URL | undefined): string[] {
  return page !== undefined && isSecure(page) ? [new URL("/", page).href] : [];
}

interface UrlReader {
  readonly page: URL | undefined;
  readonly endpoint: (value: unknown, where: string) => string;
  readonly callback: (value: unknown, where: string) => string;
}

function urlReader(href: string | undefined): UrlReader {
  // On a server nothing is ever sent: relative URLs only have to be well-formed there.
  const start = href ?? "https://localhost/";

  function resolve(value: unknown, where: string, rule: string): URL {
    const text = urlText(value);
    if (text === undefined) throw wrong(where, rule, value);
    const url = parse(text, start);
    if (url === undefined) throw invalidOption(where, `${rule}; it cannot be parsed`);
    if (hasUserinfo(url)) throw invalidOption(where, `${rule}, without user name and password`);
    return url;
  }

  const page = href === undefined ? undefined : parse(href, undefined);
  return {
    page,

    endpoint(value, where) {
      const rule = `must be a URL (${SECURE})`;
      const url = resolve(value, where, rule);
      if (!isSecure(url)) throw invalidOption(where, `${rule}, not ${redactUrl(url)}`);
      return url.href;
    },

    callback(value, where) {
      const rule = "must be a URL on this page's own origin, or one of this app's own scheme";
      const url = resolve(value, where, rule);
      const foreign = isHttp(url) && page !== undefined && url.origin !== page.origin;
      if (foreign || /^(?:javascript|data|blob|file|about|vbscript|ws|wss|ftp):$/.test(url.protocol)) {
        throw invalidOption(where, rule);
      }
      return urlText(value) ?? url.href;
    },
  };
}

function urlText(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return value instanceof URL ? value.href : undefined;
}

function parse(text: string, base: string | undefined): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

function isHttp(url: URL): boolean {
  return url.protocol === "https:" || url.protocol === "http:";
}

/** It cannot be read on the way: https, or http that does not leave the machine. */
function isSecure(url: URL): boolean {
  if (url.protocol === "https:") return url.hostname !== "";
  // The parser has brought every way to write a loopback address into one of these forms.
  return url.protocol === "http:" && /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
}

function hasUserinfo(url: URL): boolean {
  return url.username !== "" || url.password !== "";
}

// ── single values ──

function nameValue(value: unknown, where: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  if (typeof value !== "string" || value === "" || value.length > 100 || /[\u0000-\u001f\u007f]/.test(value)) {
    throw wrong(where, "must be a string of 1 to 100 printable characters", value);
  }
  return value;
}

function textValue(value: unknown, where: string): string {
  if (typeof value !== "string" || value === "") throw wrong(where, "must be a string that is not empty", value);
  return value;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** A token of RFC 9110: header names, methods, and cookie names too. */
function tokenValue(value: unknown, where: string): string {
  if (typeof value !== "string" || !TOKEN.test(value)) throw wrong(where, "must be a name such as \"X-CSRF-Token\"", value);
  return value;
}

function methodValue(value: unknown, where: string): string {
  if (typeof value !== "string" || !TOKEN.test(value) || /^(?:connect|trace|track)$/i.test(value)) {
    throw wrong(where, 'must be an HTTP method such as "POST"', value);
  }
  return value;
}

function booleanValue(value: unknown, where: string): boolean {
  if (typeof value !== "boolean") throw wrong(where, "must be true or false", value);
  return value;
}

function numberValue(value: unknown, where: string): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    throw wrong(where, "must be a finite number of at least 0", value);
  }
  return value;
}

function functionValue(value: unknown, where: string): unknown {
  if (typeof value !== "function") throw wrong(where, "must be a function", value);
  return value;
}

function recordValue(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(where, "must be an object", value);
  return bare({ ...value });
}

function headersValue(value: unknown, where: string): Record<string, string> {
  const headers = recordValue(value, where);
  for (const name of Object.keys(headers)) {
    if (!TOKEN.test(name)) throw invalidOption(where, "must hold valid header names only");
    const text = headers[name];
    if (typeof text !== "string" || /[^\t\u0020-\u007e\u0080-\u00ff]/.test(text)) {
      throw wrong(`${where}[${JSON.stringify(name)}]`, "must be a string that fits into a header", text);
    }
  }
  return headers as Record<string, string>;
}

function acceptValue(value: unknown, where: string): ("fragment-token" | "fragment-params")[] {
  const rule = 'must be an array of "fragment-token" and "fragment-params", with at least one of them';
  if (!Array.isArray(value) || value.length === 0) throw wrong(where, rule, value);
  return value.map((form: unknown) => {
    if (form !== "fragment-token" && form !== "fragment-params") throw invalidOption(where, rule);
    return form;
  });
}

function oneOf<T extends string>(...allowed: readonly T[]): (value: unknown, where: string) => T {
  return (value, where) => {
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw wrong(where, `must be one of ${allowed.map((one) => `"${one}"`).join(", ")}`, value);
    return found;
  };
}

// ── reading objects ──

interface Fields {
  /** The field's value as `read` has it, or `undefined` where the field is missing. */
  optional<T>(name: string, read: (value: unknown, where: string) => T): T | undefined;
  required<T>(name: string, read: (value: unknown, where: string) => T): T;
}

/** The own properties of `value`; a name outside `known` is an error, for it is a slip of the pen. */
function fields(where: string, value: unknown, known: readonly string[], expected = "an object"): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof URL) {
    throw wrong(where, `must be ${expected}`, value);
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw invalidOption(`${where}.${name}`, `does not exist; ${where} may have ${known.join(", ")}`);
  }
  const read = (name: string): unknown => (hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined);
  return {
    optional(name, reader) {
      const found = read(name);
      return found === undefined ? undefined : reader(found, `${where}.${name}`);
    },
    required(name, reader) {
      return reader(read(name), `${where}.${name}`);
    },
  };
}

/** `object` without prototype and without its undefined properties. */
function bare<T extends object>(object: { [K in keyof T]: T[K] | undefined }): T {
  const result = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(object)) {
    if (value !== undefined) result[name] = value;
  }
  return result as T;
}

function wrong(where: string, rule: string, value: unknown): Error {
  return invalidOption(where, `${rule}, not ${kindOf(value)}`);
}
