import type {
  CallbackForm, CoreCsrf, CoreEndpoint, CoreFingerprint, CoreLimits, CoreOptions, CoreProvider, CoreRedirect, CoreSchedule, Functions,
} from "../core/contract.js";
import { invalidOption } from "../error.js";
import { originList, ownOrigin, urlReader, type UrlReader } from "./urls.js";
import {
  bare, booleanValue, durationValue, fields, functionValue, headersValue, jsonOf, methodValue, nameValue, numberValue, oneOf, recordValue,
  schemeValue, textValue, tokenValue, wrong, type Fields,
} from "./values.js";
import { nativeFetch } from "../platform/builtins.js";
import { PROVIDER, type ProviderPlan } from "../provider.js";
import { storageKeys } from "./storage-keys.js";
import { createTokenHeader, refuseForbidden, type TokenHeader } from "./token-header.js";
import type { AuthOptions } from "../types.js";

/** Options, checked and resolved. */
export interface Settings {
  readonly core: CoreOptions;
  /** The application's functions among the options. */
  readonly functions: Functions;
  readonly header: TokenHeader;
  readonly unauthorized: AuthOptions["unauthorized"];
  readonly renewFrom: AuthOptions["renewFrom"];
  readonly name: string;
  readonly provider: ProviderPlan | undefined;
  /** Whether `allowHttp` counts here. */
  readonly allowsHttp: boolean;
  /** Sends everything. */
  readonly fetch: typeof globalThis.fetch;
}

/** Longest token accepted, in bytes: the default of `limits.tokenBytes`. */
export const TOKEN_BYTES = 16_384;

/**
 * Checks and resolves: names, types, ranges, URLs, and what does not go together. This is the only place that does,
 * and that knows the defaults: the core takes what comes out as it is.
 *
 * Only own properties count, so that a polluted `Object.prototype` changes nothing, and what comes out
 * has no prototype at all.
 *
 * @param page The page's own URL, from which relative ones start: a `<base>` that was put into the page leads
 * nowhere. `undefined` on a server, where nothing will be sent.
 * @throws AuthError `invalid_option`, naming the option and what would be right
 */
export function readOptions(options: unknown, page: string | undefined): Settings {
  const root = fields("options", options === undefined ? {} : options, [
    "name", "origins", "storage", "tabs", "header", "unauthorized", "renewFrom", "allowHttp", "fetch", "provider", "signIn", "refresh", "signOut", "redirect", "fingerprint", "schedule", "limits", "readTokens",
  ]);
  const reading: Reading = { urls: urlReader(page, root.optional("allowHttp", booleanValue) ?? false), functions: {}, sendsRefreshToken: false };
  const { urls, functions } = reading;
  const header = root.optional("header", readHeader) ?? createTokenHeader();

  const readTokens = root.optional("readTokens", functionValue);
  if (readTokens !== undefined) functions.readTokens = readTokens as NonNullable<AuthOptions["readTokens"]>;

  const name = root.optional("name", nameValue) ?? "default";
  const provider = root.optional("provider", readProvider);
  const settings = provider?.settings(urls) ?? null;
  if (settings !== null) refuseBesideProvider(root, settings);

  const core: CoreOptions = bare({
    keys: bare({ ...storageKeys(name) }),
    origins: root.optional("origins", (value, where) => originList(value, where, urls.transport)) ?? ownOrigin(urls.page, urls.transport),
    header: bare({ name: header.name, prefix: header.prefix }),
    storage: readStorage(root, functions),
    tabs: root.optional("tabs", oneOf("separate", "shared")) ?? "separate",
    signIn: root.optional("signIn", (value, where) => readEndpoint("signIn", value, where, reading)) ?? null,
    refresh: root.optional("refresh", (value, where) => readRefresh(value, where, reading)) ?? (provider && "provider") ?? null,
    signOut: root.optional("signOut", (value, where) => readSignOut(value, where, reading)) ?? (provider?.hearsOfSignOut === true ? "provider" : null),
    redirect: root.optional("redirect", (value, where) => readRedirect(value, where, urls)) ?? null,
    provider: settings,
    fingerprint: root.optional("fingerprint", readFingerprint) ?? null,
    schedule: root.optional("schedule", readSchedule) ?? readSchedule({}, ""),
    limits: root.optional("limits", readLimits) ?? readLimits({}, ""),
  });
  refuseLostFields(core, reading);
  return {
    core,
    functions,
    header,
    name,
    provider,
    unauthorized: root.optional("unauthorized", functionValue) as AuthOptions["unauthorized"],
    renewFrom: root.optional("renewFrom", functionValue) as AuthOptions["renewFrom"],
    allowsHttp: urls.transport.isLax,
    fetch: (root.optional("fetch", functionValue) as typeof fetch | undefined) ?? nativeFetch,
  };
}

/** What is found beside the core's options. */
interface Reading {
  readonly urls: UrlReader;
  readonly functions: Functions;
  /** Whether a refresh is a request with a refresh token in its body. */
  sendsRefreshToken: boolean;
}

// ── the parts ──

function readProvider(value: unknown, where: string): ProviderPlan {
  const plan = typeof value === "object" && value !== null ? (value as { [PROVIDER]?: ProviderPlan })[PROVIDER] : undefined;
  if (plan === undefined) throw wrong(where, 'must be what oidc() of "hallpass/oidc" returned', value);
  return plan;
}

/** What the provider does itself. */
function refuseBesideProvider(root: Fields, { dpop }: CoreProvider): void {
  const refuse = (rule: string) => (_value: unknown, where: string): never => {
    throw invalidOption(where, rule);
  };
  for (const name of ["signIn", "refresh", "signOut", "redirect"]) root.optional(name, refuse("must not be set beside options.provider, which does that itself"));
  if (dpop) root.optional("header", refuse("must not be set with DPoP, which has headers of its own (RFC 9449)"));
}

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

const ENDPOINT = ["url", "method", "encoding", "body", "headers", "credentials", "bearer", "csrf", "timeoutSeconds"];
const REFRESH = [...ENDPOINT, "refreshToken", "refreshTokenField", "rejected"];

type EndpointName = "signIn" | "refresh" | "signOut";

function readEndpoint(name: EndpointName, value: unknown, where: string, reading: Reading): CoreEndpoint {
  const { urls, functions } = reading;
  const isUrl = typeof value === "string";
  const names = name === "refresh" ? REFRESH : ENDPOINT;
  const all = fields(where, isUrl ? {} : value, names, "a URL, an object with a url" + (name === "signIn" ? "" : ", or a function"));
  const encoding = all.optional("encoding", oneOf("json", "form"));
  const bearer = all.optional("bearer", booleanValue) ?? false;
  const rejected = all.optional("rejected", functionValue);
  if (rejected !== undefined) functions.rejected = rejected as NonNullable<Functions["rejected"]>;
  const refreshToken = all.optional("refreshToken", oneOf("body", "memory", "cookie"));
  // A session that is renewed with its access token, or by a cookie, needs no refresh token.
  if (name === "refresh") reading.sendsRefreshToken = refreshToken !== "cookie" && (refreshToken !== undefined || !bearer);
  const endpoint: CoreEndpoint = bare({
    url: isUrl ? urls.endpoint(value, where) : all.required("url", urls.endpoint),
    method: all.optional("method", methodValue) ?? "POST",
    encoding: encoding ?? "json",
    body: all.optional("body", bodyValue) ?? null,
    headers: all.optional("headers", headersValue) ?? bare<Record<string, string>>({}),
    credentials: all.optional("credentials", oneOf("omit", "same-origin", "include")) ?? null,
    csrf: all.optional("csrf", readCsrf) ?? null,
    bearer,
    timeoutSeconds: all.optional("timeoutSeconds", numberValue) ?? 10,
    refreshToken: refreshToken ?? "body",
    refreshTokenField: all.optional("refreshTokenField", textValue) ?? "refresh_token",
  });
  refuseLostBody(name, where, endpoint, encoding !== undefined, reading);
  return endpoint;
}

function bodyValue(value: unknown, where: string): string {
  return jsonOf(recordValue(value, where), where);
}

/** Browsers send no body with GET and HEAD: what would stand in one is refused, not silently left out. */
function refuseLostBody(name: EndpointName, where: string, endpoint: CoreEndpoint, hasEncoding: boolean, { sendsRefreshToken }: Reading): void {
  if (!isBodiless(endpoint)) return;
  const sends = (what: string): Error => lost(where, endpoint, what);
  if (name === "signIn") throw sends("the credentials");
  if (endpoint.body !== null) throw sends("the fields of body");
  if (typeof endpoint.csrf?.field === "string") throw sends("the field of csrf");
  if (hasEncoding) throw sends("what encoding writes");
  if (name === "refresh" && sendsRefreshToken) throw sends("the refresh token");
}

/** The same for what another option adds: the refresh token at sign-out, the fingerprint's hash. */
function refuseLostFields({ refresh, signOut, fingerprint }: CoreOptions, { sendsRefreshToken }: Reading): void {
  if (fingerprint?.mode === "client" && isBodiless(refresh)) throw lost("options.refresh", refresh, "the fingerprint");
  if (sendsRefreshToken && isBodiless(signOut) && !signOut.bearer) throw lost("options.signOut", signOut, "the refresh token");
}

function isBodiless(endpoint: CoreOptions["refresh"]): endpoint is CoreEndpoint {
  return typeof endpoint === "object" && endpoint !== null && /^(?:get|head)$/i.test(endpoint.method);
}

function lost(where: string, endpoint: CoreEndpoint, what: string): Error {
  return invalidOption(`${where}.method`, `must be one with a body, such as "POST": with ${endpoint.method} ${what} would not be sent`);
}

function readCsrf(value: unknown, where: string): CoreCsrf {
  const all = fields(where, value, ["cookie", "header", "field"]);
  const csrf: CoreCsrf = bare({
    cookie: all.required("cookie", tokenValue),
    header: all.optional("header", tokenValue) ?? null,
    field: all.optional("field", textValue) ?? null,
  });
  if (csrf.header === null && csrf.field === null) {
    throw invalidOption(where, "must name the header or the body field that carries the cookie's value");
  }
  return csrf;
}

function readRefresh(value: unknown, where: string, reading: Reading): CoreEndpoint | "function" {
  if (typeof value !== "function") return readEndpoint("refresh", value, where, reading);
  reading.functions.refresh = value as NonNullable<Functions["refresh"]>;
  return "function";
}

function readSignOut(value: unknown, where: string, reading: Reading): CoreEndpoint | "function" {
  if (typeof value !== "function") return readEndpoint("signOut", value, where, reading);
  reading.functions.signOut = value as NonNullable<Functions["signOut"]>;
  return "function";
}

function readRedirect(value: unknown, where: string, urls: UrlReader): CoreRedirect {
  const all = fields(where, value, [
    "url", "accept", "returnParam", "callbackUrl", "stateParam", "maxAgeSeconds", "hardClean",
  ]);
  const stateParam = all.optional("stateParam", (name, at) => (name === null ? null : textValue(name, at)));
  return bare({
    url: all.required("url", urls.endpoint),
    accept: all.optional("accept", acceptValue) ?? ["fragment-params"],
    returnParam: all.optional("returnParam", textValue) ?? "redirect_uri",
    callbackUrl: all.optional("callbackUrl", urls.callback) ?? null,
    stateParam: stateParam === undefined ? "state" : stateParam,
    maxAgeSeconds: all.optional("maxAgeSeconds", numberValue) ?? 600,
    hardClean: all.optional("hardClean", booleanValue) ?? false,
  });
}

function acceptValue(value: unknown, where: string): CallbackForm[] {
  const rule = 'must be an array of "fragment-token" and "fragment-params", with at least one of them';
  if (!Array.isArray(value) || value.length === 0) throw wrong(where, rule, value);
  return value.map((form: unknown) => {
    if (form !== "fragment-token" && form !== "fragment-params") throw invalidOption(where, rule);
    return form;
  });
}

function readFingerprint(value: unknown, where: string): CoreFingerprint {
  const all = fields(where, value, ["mode", "claim", "cookie", "field"]);
  return bare({
    mode: all.required("mode", oneOf("server", "client")),
    claim: all.optional("claim", textValue) ?? "userFingerprint",
    // The prefix is for the core to choose: it goes by the page.
    cookie: (all.optional("cookie", tokenValue) ?? "Fgp").replace(/^__(?:Host|Secure)-/i, ""),
    field: all.optional("field", textValue) ?? "fingerprint",
  });
}

function readSchedule(value: unknown, where: string): CoreSchedule {
  const all = fields(where, value, [
    "leadSeconds", "jitterSeconds", "leewaySeconds", "everySeconds", "onStart", "softExpiryClaim", "proactive",
  ]);
  return bare({
    leadSeconds: all.optional("leadSeconds", numberValue) ?? 60,
    jitterSeconds: all.optional("jitterSeconds", numberValue) ?? 30,
    leewaySeconds: all.optional("leewaySeconds", numberValue) ?? 5,
    everySeconds: all.optional("everySeconds", durationValue) ?? null,
    onStart: all.optional("onStart", booleanValue) ?? false,
    softExpiryClaim: all.optional("softExpiryClaim", textValue) ?? null,
    proactive: all.optional("proactive", booleanValue) ?? true,
  });
}

function readLimits(value: unknown, where: string): CoreLimits {
  const all = fields(where, value, ["idleSeconds", "idleWarningSeconds", "sessionSeconds", "tokenBytes"]);
  return bare({
    idleSeconds: all.optional("idleSeconds", durationValue) ?? null,
    idleWarningSeconds: all.optional("idleWarningSeconds", numberValue) ?? 60,
    sessionSeconds: all.optional("sessionSeconds", durationValue) ?? null,
    tokenBytes: all.optional("tokenBytes", numberValue) ?? TOKEN_BYTES,
  });
}
