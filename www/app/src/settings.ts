import type { AuthOptions, Provider, RedirectOptions } from "hallpass";
import type { OidcOptions } from "hallpass/oidc";

/**
 * Whether this is the build that the project's tests drive. Only that one lets the page's query take a safeguard away:
 * any page can hold a link, and a user who follows it must not sign in with less than the demo promises.
 */
const OF_TESTS = import.meta.env.MODE === "test";

/**
 * How the demo configures its session. It comes from the page's query, so that one build shows many ways to use the
 * package: `?refresh=cookie&storage=memory&tabs=shared&lead=10`.
 */
export interface Settings {
  /** How users sign in. */
  readonly signIn: SignInWay;
  /** Where the refresh token lives: in the answer's body or in an HttpOnly cookie. */
  readonly refresh: "body" | "memory" | "cookie";
  /** Which callback forms the redirect sign-in accepts. Comma separated in the query, in tests only. */
  readonly accept: readonly CallbackForm[];
  /** `local` in tests only. */
  readonly storage: "session" | "local" | "memory";
  readonly tabs: "separate" | "shared";
  /** `none` in tests only. */
  readonly fingerprint: "server" | "none";
  /** Sets sessions on this origin apart. */
  readonly name: string;
  /** Also renew a session without a refresh token, by its still valid access token. */
  readonly sliding: boolean;
  /** Refresh once when the page opens. */
  readonly onStart: boolean;
  readonly hardClean: boolean;
  readonly proactive: boolean;
  /** Whether the developer panel is there from the start. */
  readonly devtools: boolean;
  /** A claim with an earlier time at which the server wants a refresh. */
  readonly softExpiryClaim: string | undefined;
  readonly lead: number | undefined;
  readonly jitter: number | undefined;
  readonly leeway: number | undefined;
  readonly every: number | undefined;
  readonly idle: number | undefined;
  readonly idleWarning: number | undefined;
  readonly sessionLimit: number | undefined;
  /** In tests only. */
  readonly redirectMaxAge: number | undefined;
}

/**
 * By a form of this page; at the server's provider, whose callback holds a code; on the server's login page, whose
 * callback holds the token in its hash.
 */
export type SignInWay = "password" | "code" | "hash";

export type CallbackForm = NonNullable<RedirectOptions["accept"]>[number];

/** Reads settings from a query; what is missing or unknown takes its default. */
export function readSettings(query: string): Settings {
  const params = new URLSearchParams(query);
  const inTests = (name: string): string | null => (OF_TESTS ? params.get(name) : null);
  return {
    signIn: oneOf(params.get("signIn"), ["password", "code", "hash"]),
    refresh: oneOf(params.get("refresh"), ["body", "memory", "cookie"]),
    accept: callbackForms(inTests("accept")),
    storage: oneOf(params.get("storage"), OF_TESTS ? ["session", "local", "memory"] : ["session", "memory"]),
    tabs: oneOf(params.get("tabs"), ["separate", "shared"]),
    fingerprint: oneOf(inTests("fingerprint"), ["server", "none"]),
    name: params.get("name") ?? "default",
    sliding: params.get("sliding") === "true",
    onStart: params.get("start") === "true",
    hardClean: params.get("hardClean") === "true",
    proactive: params.get("proactive") !== "false",
    devtools: params.get("devtools") === "true",
    softExpiryClaim: params.get("soft") ?? undefined,
    lead: seconds(params.get("lead")),
    jitter: seconds(params.get("jitter")),
    leeway: seconds(params.get("leeway")),
    every: seconds(params.get("every")),
    idle: seconds(params.get("idle")),
    idleWarning: seconds(params.get("idleWarning")),
    sessionLimit: seconds(params.get("session")),
    redirectMaxAge: seconds(inTests("maxAge")),
  };
}

/** The provider half of the API at `api`: what `oidc()` takes. A key of the browser stands in for the fingerprint's cookie. */
export function providerOptions(api: string, redirectUri: string): OidcOptions {
  return {
    issuer: `${api}/oidc`,
    clientId: "spa",
    scope: "openid profile account offline_access",
    redirectUri,
    dpop: true,
  };
}

/**
 * The options for `createAuth` that follow from the settings, for an API at `api` and the place to come back to from its
 * login page. `provider`: where users sign in there, and nowhere else.
 */
export function authOptions<C extends object>(settings: Settings, api: string, callbackUrl: string, provider?: Provider): AuthOptions<C> {
  return {
    name: settings.name,
    origins: [api],
    storage: settings.storage,
    tabs: settings.tabs,
    ...(provider === undefined ? endpoints(settings, api, callbackUrl) : { provider }),
    schedule: {
      onStart: settings.onStart,
      proactive: settings.proactive,
      ...given("softExpiryClaim", settings.softExpiryClaim),
      ...given("leadSeconds", settings.lead),
      ...given("jitterSeconds", settings.jitter),
      ...given("leewaySeconds", settings.leeway),
      ...given("everySeconds", settings.every),
    },
    limits: {
      ...given("idleSeconds", settings.idle),
      ...given("idleWarningSeconds", settings.idleWarning),
      ...given("sessionSeconds", settings.sessionLimit),
    },
  };
}

/** The server's own endpoints, for the password and for its login page. */
function endpoints<C extends object>(settings: Settings, api: string, callbackUrl: string): Partial<AuthOptions<C>> {
  const viaCookie = settings.refresh === "cookie";
  const csrf = viaCookie ? { csrf: { cookie: "__Host-Csrf", header: "X-CSRF-Token" } } : {};
  return {
    signIn: { url: `${api}/auth` },
    refresh: { url: `${api}/token`, refreshToken: settings.refresh, bearer: settings.sliding, ...csrf },
    signOut: { url: `${api}/token/reject`, bearer: true, ...csrf },
    redirect: {
      url: `${api}/login`,
      accept: settings.accept,
      callbackUrl,
      hardClean: settings.hardClean,
      ...given("maxAgeSeconds", settings.redirectMaxAge),
    },
    ...(settings.fingerprint === "server" ? { fingerprint: { mode: "server" } } : {}),
  };
}

function oneOf<T extends string>(value: string | null, choices: readonly [T, ...T[]]): T {
  return choices.find((choice) => choice === value) ?? choices[0];
}

function callbackForms(value: string | null): CallbackForm[] {
  const known: readonly CallbackForm[] = ["fragment-params", "fragment-token"];
  const chosen = known.filter((form) => value?.split(",").includes(form));
  return chosen.length > 0 ? chosen : ["fragment-params"];
}

function seconds(value: string | null): number | undefined {
  const number = value === null || value === "" ? Number.NaN : Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** `{ [key]: value }`, or nothing where there is no value: an option left out takes the package's default. */
function given<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
