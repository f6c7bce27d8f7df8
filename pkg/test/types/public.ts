// Every name of the public surface, used as an application uses it. Compiled by types.test.ts, never run.

import axios from "axios";
import {
  AuthError,
  createAuth,
  decodeToken,
  load,
  type ApiAnswer,
  type Auth,
  type AuthErrorCode,
  type AuthOptions,
  type Change,
  type DecodedToken,
  type Endpoint,
  type FingerprintOptions,
  type JwtClaims,
  type KeyValueStorage,
  type LimitOptions,
  type RedirectOptions,
  type RedirectRequest,
  type RedirectResult,
  type RefreshEndpoint,
  type RefreshFunction,
  type ScheduleOptions,
  type Session,
  type SignOutFunction,
  type SignOutReason,
  type TokenOptions,
  type TokenSet,
} from "hallpass";
import { attachAxios, type AxiosLike } from "hallpass/axios";

interface Claims {
  sub: string;
  role: "admin" | "user";
}

const storage: KeyValueStorage = {
  get: (key) => Promise.resolve(key),
  set: (key, value) => void [key, value],
  remove: async (key) => void key,
};
const signIn: Endpoint = {
  url: new URL("https://api.example.com/auth"),
  method: "PUT",
  encoding: "form",
  body: { client: "app", nested: { a: 1 } },
  headers: { "X-Client": "app" },
  credentials: "include",
  bearer: true,
  csrf: { cookie: "__Host-Csrf", header: "X-CSRF-Token", field: "csrf" },
  timeoutSeconds: 5,
};
const refresh: RefreshEndpoint = { ...signIn, refreshToken: "cookie", refreshTokenField: "rt", rejected: async (response) => response.status === 403 };
const refreshFunction: RefreshFunction = async ({ accessToken, refreshToken, signal }) => {
  const tokens: TokenSet | Response | null = accessToken === null || refreshToken === null ? null : await fetch("/t", { signal });
  return tokens;
};
const signOut: SignOutFunction = async ({ signal }) => void (await fetch("/out", { signal }));
const schedule: ScheduleOptions = {
  leadSeconds: 1, jitterSeconds: 1, leewaySeconds: 1, everySeconds: 1, onStart: true, softExpiryClaim: "softexp", proactive: false,
};
const limits: LimitOptions = { idleSeconds: 1, idleWarningSeconds: 1, sessionSeconds: 1, tokenBytes: 1 };
const fingerprint: FingerprintOptions = { mode: "client", claim: "c", cookie: "k", field: "f" };
const redirect: RedirectOptions = {
  url: "/login", accept: ["fragment-token", "fragment-params"], returnParam: "r", callbackUrl: new URL("https://app.example.com/"),
  stateParam: null, maxAgeSeconds: 1, hardClean: true,
};
const options: AuthOptions<Claims> = {
  name: "n", origins: ["https://api.example.com"] as const, storage, tabs: "shared", signIn, refresh, signOut, redirect, fingerprint, schedule, limits,
  readTokens: (body: unknown, response: Response): TokenSet => ({ accessToken: String(body) + String(response.status), refreshToken: null, expiresIn: 1, profile: null }),
  header: { name: "X-Access-Token", scheme: "" }, fetch, allowHttp: true,
  unauthorized: async (answer: ApiAnswer): Promise<boolean> => answer.status === 419 && (await answer.json()) !== null,
  renewFrom: ({ headers }: ApiAnswer): TokenSet | null => (headers.has("x-token") ? { accessToken: "t" } : null),
};

export const auth: Auth<Claims> = createAuth(options);
export const plain: Auth = createAuth();
export const functions = createAuth<Claims>({ refresh: refreshFunction, signOut, storage: "memory", signIn: "/auth" });

export async function use(): Promise<void> {
  await load();
  const first: Session<Claims> = await auth.ready;
  if (first.status === "signed-in") {
    const role: "admin" | "user" | undefined = first.claims?.role;
    const times: (number | null)[] = [first.expiresAt, first.refreshAt];
    const stale: boolean = first.stale;
    void [role, times, stale];
    // @ts-expect-error snapshots are immutable
    first.stale = false;
    // @ts-expect-error claims, too
    if (first.claims !== null) first.claims.role = "admin";
  } else if (first.status === "signed-out") {
    const reason: SignOutReason = first.reason;
    void reason;
    // @ts-expect-error nobody is signed in
    void first.claims;
  }
  // @ts-expect-error one has to look at the status first
  void auth.session.claims;
  // @ts-expect-error the session is not assignable
  auth.session = first;

  const end: () => void = auth.subscribe((session: Session<Claims>, change: Change) => {
    switch (change.type) {
      case "refreshed": return void (change.by satisfies "this-tab" | "other-tab");
      case "refresh-failed": return void [change.error.code, change.retryAt satisfies number | null];
      case "signed-out": return void (change.reason satisfies SignOutReason);
      case "idle-warning": return void (change.signOutAt satisfies number);
      case "storage-degraded": return void (change.error satisfies AuthError);
      case "restored": case "signed-in": return void session;
    }
  });
  end();

  const wanted: TokenOptions = { minValiditySeconds: 30, signal: new AbortController().signal };
  const token: string = await auth.token(wanted);
  const { fetch: authFetch } = auth;
  const sameAsPlatform: typeof globalThis.fetch = authFetch;
  const answer: Response = await sameAsPlatform(new Request("/me"), { method: "PATCH", body: token });
  const header: string | null = await auth.authorization(new URL(answer.url), wanted);
  const signedIn: Session<Claims> = await auth.signIn({ username: "a", password: "b", permanent: true });
  const accepted: Session<Claims> = await auth.accept({ accessToken: "t" });
  const renewed: Session<Claims> = await auth.accept({ accessToken: "t", profile: { name: "Ada" } }, { renew: true });
  const profile: Readonly<Record<string, unknown>> | null = renewed.status === "signed-in" ? renewed.profile : null;
  const request: RedirectRequest = { returnTo: "/inbox", params: { prompt: "login" } };
  const leaving: Promise<never> = auth.signInRedirect(request);
  const back: RedirectResult<Claims> | null = await auth.completeRedirect();
  const path: string | undefined = back?.returnTo;
  const refreshed: Session<Claims> = await auth.refresh();
  const nothing: void = await auth.signOut();
  auth.close();
  auth[Symbol.dispose]();
  void [header, signedIn, accepted, profile, leaving, path, refreshed, nothing];

  // @ts-expect-error credentials are an object
  await auth.signIn("ada");
  // @ts-expect-error tokens have camelCase names here
  await auth.accept({ access_token: "t" });
  // @ts-expect-error renewing is yes or no
  await auth.accept({ accessToken: "t" }, { renew: "yes" });
  // @ts-expect-error seconds are numbers
  await auth.token({ minValiditySeconds: "30" });
}

export function decode(text: string): void {
  const { header, claims, expiresAt }: DecodedToken<Claims> = decodeToken<Claims>(text);
  const alg: string | undefined = header.alg;
  const untyped: JwtClaims = decodeToken(text).claims;
  const subject: string | undefined = untyped.sub;
  const custom: unknown = untyped["https://example.com/custom"];
  void [alg, claims.role, expiresAt satisfies number | null, subject, custom];
}

export function explain(error: unknown): string {
  if (!(error instanceof AuthError)) return "";
  const code: AuthErrorCode = error.code;
  const details: [boolean, number | undefined, "AuthError"] = [error.retryable, error.status, error.name];
  void details;
  // @ts-expect-error there is no such code
  if (code === "signedout") return "";
  return code === "signed_out" ? "sign in, please" : error.message;
}

export function withAxios(): void {
  const instance = axios.create();
  const like: AxiosLike = instance;
  const detach: () => void = attachAxios(instance, auth);
  attachAxios(axios, plain);
  attachAxios(like, createAuth<Claims>());
  detach();
  // @ts-expect-error fetch is no axios instance
  attachAxios(fetch, auth);
}

// @ts-expect-error a slip of the pen
createAuth({ refesh: "/token" });
// @ts-expect-error no such storage
createAuth({ storage: "cookie" });
// @ts-expect-error an endpoint needs a URL
createAuth({ signIn: { method: "POST" } });
// @ts-expect-error a store has three methods
createAuth({ storage: { get: () => null } });
// @ts-expect-error only refresh has a refresh token
createAuth({ signIn: { url: "/a", refreshToken: "body" } });
// @ts-expect-error undefined is not "missing"
createAuth({ name: undefined } satisfies AuthOptions);
