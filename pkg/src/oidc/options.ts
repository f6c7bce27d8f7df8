import type { CoreProvider } from "../core/contract.js";
import { invalidOption, redactUrl } from "../error.js";
import { isSecure } from "../options/secure-url.js";
import type { UrlReader } from "../options/urls.js";
import { bare, booleanValue, fields, numberValue, oneOf, recordValue, refuseHalves, textValue, wrong } from "../options/values.js";
import { URL } from "../platform/builtins.js";

/** Options, checked. */
export interface OidcSettings {
  /**
   * For the core; the addresses start from the page's.
   * @throws AuthError `invalid_option`
   */
  readonly provider: (urls: UrlReader) => CoreProvider;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly signOut: "local" | "revoke" | "end-session";
  readonly userInfo: boolean;
}

/** Longest time between leaving and coming back. */
const PENDING_SECONDS = 600;

/** Parameters of the authorization request that are not the application's to set. */
const OWN_PARAMS: readonly string[] = [
  "response_type", "response_mode", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
  "dpop_jkt", "resource", "max_age", "request", "request_uri",
];

/** @throws AuthError `invalid_option` */
export function readOidcOptions(options: unknown): OidcSettings {
  const all = fields("oidc", options, [
    "issuer", "clientId", "scope", "redirectUri", "postLogoutRedirectUri", "params", "resource", "responseMode", "metadata", "dpop", "maxAgeSeconds", "signOut", "userInfo",
  ]);
  const signOut = all.optional("signOut", oneOf("local", "revoke", "end-session")) ?? "revoke";
  const fixed = {
    issuer: all.required("issuer", issuerValue),
    clientId: all.required("clientId", textValue),
    scope: all.optional("scope", scopeValue) ?? "openid",
    responseMode: all.optional("responseMode", oneOf("query", "fragment")) ?? "query",
    params: all.optional("params", paramsValue) ?? bare<Record<string, string>>({}),
    resources: all.optional("resource", resourcesValue) ?? [],
    maxAgeSeconds: all.optional("maxAgeSeconds", wholeSeconds) ?? null,
    dpop: all.optional("dpop", booleanValue) ?? false,
    keepsIdToken: signOut === "end-session",
    pendingMaxAgeSeconds: PENDING_SECONDS,
  };
  const metadata = all.optional("metadata", recordValue) ?? {};
  return {
    provider(urls) {
      const redirectUri = all.optional("redirectUri", (value, where) => returnAddress(value, where, urls)) ?? currentPage(urls);
      const postLogoutRedirectUri = all.optional("postLogoutRedirectUri", (value, where) => returnAddress(value, where, urls)) ?? redirectUri;
      return bare({ ...fixed, redirectUri, postLogoutRedirectUri });
    },
    metadata,
    signOut,
    userInfo: all.optional("userInfo", booleanValue) ?? false,
  };
}

/** As text, for it is compared as one. */
function issuerValue(value: unknown, where: string): string {
  const rule = "must be the provider's issuer, a URL (https, or http on localhost) without user name, query and fragment";
  const text = value instanceof URL && value.href === `${value.origin}/` ? value.origin : value instanceof URL ? value.href : value;
  if (typeof text !== "string") throw wrong(where, rule, value);
  const url = parse(text);
  if (url === undefined) throw invalidOption(where, `${rule}; it is no absolute URL`);
  if (!isSecure(url)) throw invalidOption(where, `${rule}, not ${redactUrl(url)}`);
  if (url.username !== "" || url.password !== "" || /[?#]/.test(text)) throw invalidOption(where, rule);
  return text;
}

/** RFC 6749, section 3.3. */
function scopeValue(value: unknown, where: string): string {
  if (typeof value !== "string" || !/^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/.test(value)) {
    throw wrong(where, 'must be names with a space between them, such as "openid profile"', value);
  }
  return value;
}

function paramsValue(value: unknown, where: string): Record<string, string> {
  const params = recordValue(value, where);
  for (const name of Object.keys(params)) {
    if (OWN_PARAMS.includes(name)) throw invalidOption(`${where}.${name}`, "must not be set: this package sets it");
    const text = params[name];
    if (typeof text !== "string") throw wrong(`${where}.${name}`, "must be a string", text);
    refuseHalves(name, where);
    refuseHalves(text, `${where}.${name}`);
  }
  return params as Record<string, string>;
}

/** RFC 8707, section 2. */
function resourcesValue(value: unknown, where: string): string[] {
  return (Array.isArray(value) ? value : [value]).map((resource: unknown) => {
    if (typeof resource !== "string" || parse(resource) === undefined || resource.includes("#")) {
      throw wrong(where, "must be absolute URIs without fragment", resource);
    }
    refuseHalves(resource, where);
    return resource;
  });
}

function wholeSeconds(value: unknown, where: string): number {
  if (!Number.isInteger(numberValue(value, where))) throw wrong(where, "must be a whole number of seconds", value);
  return value as number;
}

/** Providers compare it as a text: an absolute one stays as it is written. */
function returnAddress(value: unknown, where: string, urls: UrlReader): string {
  const text = urls.callback(value, where);
  if (text.includes("#")) throw invalidOption(where, "must have no fragment (RFC 6749, section 3.1.2)");
  return parse(text) === undefined ? new URL(text, urls.page).href : text;
}

function currentPage({ page }: UrlReader): string {
  return page === undefined ? "https://localhost/" : page.href.replace(/[?#].*$/s, "");
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
