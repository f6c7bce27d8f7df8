import { IDBFactory } from "fake-indexeddb";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type * as HallpassCapacitor from "../src/adapters/capacitor.js";
import type * as Hallpass from "../src/index.js";
import { awaitedIn } from "../src/oidc/callback.js";
import type * as HallpassOidc from "../src/oidc/index.js";
import type * as Slim from "../src/slim.js";

/** The package as it is shipped, with its real core, at a provider and an API that demand proofs with nonces. */

const ISSUER = "https://id.test";
const API = "https://api.test";
const stored = new Map<string, string>();
const left: string[] = [];
const page = {
  location: { href: "https://app.test/page?tab=1", origin: "https://app.test", assign: (url: string) => void left.push(url) },
  history: { state: null, replaceState(_state: unknown, _title: string, url: string) { page.location.href = url; } },
  document: { baseURI: "https://app.test/" },
  sessionStorage: {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  },
  BroadcastChannel: undefined,
};

let hallpass: typeof Hallpass;
let oidc: typeof HallpassOidc.oidc;
let keepsRunning: NodeJS.Timeout;
before(async () => {
  keepsRunning = setInterval(() => undefined, 1_000);
  for (const [name, value] of Object.entries(page)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  Object.assign(globalThis, { indexedDB: new IDBFactory() });
  const load = async (name: string): Promise<unknown> => (await import(pathToFileURL(join(process.cwd(), "dist", name)).href)) as unknown;
  hallpass = (await load("index.js")) as typeof Hallpass;
  ({ oidc } = (await load("oidc.js")) as typeof HallpassOidc);
});
after(() => {
  clearInterval(keepsRunning);
});

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const parse = (part: string | undefined): Record<string, unknown> => JSON.parse(Buffer.from(part ?? "", "base64url").toString()) as Record<string, unknown>;

/** What a server checks of a proof (RFC 9449, section 4.3). */
async function checkProof(proof: string, method: string, url: string, nonce: string, token: string | null): Promise<string> {
  const [header, payload, signature] = proof.split(".");
  const { typ, alg, jwk } = parse(header) as { typ: string; alg: string; jwk: JsonWebKey };
  assert.deepEqual([typ, alg], ["dpop+jwt", "ES256"]);
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const signed = Buffer.from(`${String(header)}.${String(payload)}`);
  assert.ok(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, Buffer.from(signature ?? "", "base64url"), signed));
  const { htm, htu, jti, iat, nonce: proven, ath } = parse(payload);
  assert.deepEqual([htm, htu, proven], [method, url, nonce]);
  assert.ok(Math.abs((iat as number) - Date.now() / 1000) < 30 && !seen.has(jti as string));
  seen.add(jti as string);
  assert.equal(ath, token === null ? undefined : createHash("sha256").update(token).digest("base64url"));
  return createHash("sha256").update(JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y })).digest("base64url");
}
const seen = new Set<string>();

/** One provider and one API. */
function world(nonce: string): { fetch: typeof fetch; asked: string[]; request: URLSearchParams } {
  const made = { asked: [] as string[], request: new URLSearchParams(), fetch: send as typeof fetch };
  let round = 0;
  async function send(input: string, init: RequestInit = {}): Promise<Response> {
    const { origin, pathname } = new URL(input);
    const headers = new Headers(init.headers);
    const proof = headers.get("DPoP");
    made.asked.push(`${init.method ?? "GET"} ${pathname}`);
    if (pathname === "/.well-known/openid-configuration") {
      return Response.json({
        issuer: ISSUER, authorization_endpoint: `${ISSUER}/authorize`, token_endpoint: `${ISSUER}/token`, revocation_endpoint: `${ISSUER}/revoke`, end_session_endpoint: `${ISSUER}/end`,
        code_challenge_methods_supported: ["S256"], dpop_signing_alg_values_supported: ["ES256"], authorization_response_iss_parameter_supported: true,
      });
    }
    if (pathname === "/revoke") return new Response("");
    if (parse(proof?.split(".")[1]).nonce !== nonce) {
      const challenge = { "DPoP-Nonce": nonce, "WWW-Authenticate": 'DPoP error="use_dpop_nonce"' };
      return Response.json({ error: "use_dpop_nonce" }, { status: origin === ISSUER ? 400 : 401, headers: challenge });
    }
    if (origin === API) {
      const token = headers.get("Authorization")?.replace("DPoP ", "") ?? "";
      const key = await checkProof(proof ?? "", init.method ?? "GET", `${API}${pathname}`, nonce, token);
      assert.equal(key, made.request.get("dpop_jkt"));
      return new Response("", { status: token === "access-1" && pathname === "/late" ? 401 : 200 });
    }
    const form = new URLSearchParams(init.body as string);
    const key = await checkProof(proof ?? "", "POST", `${ISSUER}/token`, nonce, null);
    assert.equal(key, made.request.get("dpop_jkt"));
    if (form.get("grant_type") === "authorization_code") {
      assert.equal(createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url"), made.request.get("code_challenge"));
      assert.equal(form.get("code"), "the code");
    } else assert.equal(form.get("refresh_token"), `refresh-${String(round)}`);
    round++;
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: ISSUER, aud: "spa", sub: "ada", iat: now, exp: now + 300, nonce: made.request.get("nonce"), name: "Ada" };
    return Response.json({ access_token: `access-${String(round)}`, token_type: "DPoP", expires_in: 300, refresh_token: `refresh-${String(round)}`, id_token: `${base64({ alg: "RS256" })}.${base64(claims)}.c2ln` });
  }
  return made;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let times = 0; times < 500 && !isSo(); times++) await new Promise((resolve) => setTimeout(resolve, 10));
}

test("OIDC-2, OIDC-3, OIDC-5, OIDC-7, OIDC-8, OIDC-9: sign-in by redirect with DPoP and nonces, requests, a renewal, a reload, sign-out", async () => {
  const { asked, fetch, request } = Object.assign(world("n-1"), {});
  const options = (): Hallpass.AuthOptions => ({ origins: [API], fetch, provider: oidc({ issuer: ISSUER, clientId: "spa", dpop: true, signOut: "end-session" }) });
  const first = hallpass.createAuth(options());
  assert.equal((await first.ready).status, "signed-out");
  void first.signInRedirect({ returnTo: "/inbox" });
  await until(() => left.length > 0);
  const url = new URL(left.shift() ?? "");
  assert.equal(url.origin + url.pathname, `${ISSUER}/authorize`);
  for (const [name, value] of url.searchParams) request.set(name, value);
  assert.deepEqual([request.get("redirect_uri"), request.get("code_challenge_method"), request.get("dpop_jkt")?.length], ["https://app.test/page", "S256", 43]);
  first.close();

  // Back from the provider, in a new page.
  page.location.href = `https://app.test/page?tab=1&code=the%20code&state=${request.get("state") ?? ""}&iss=${encodeURIComponent(ISSUER)}#/r`;
  const second = hallpass.createAuth(options());
  const result = await second.completeRedirect();
  assert.deepEqual([page.location.href, result?.returnTo], ["https://app.test/page?tab=1#/r", "/inbox"]);
  assert.ok(second.session.status === "signed-in" && second.session.profile?.name === "Ada" && !("nonce" in second.session.profile));
  asked.length = 0;
  assert.equal((await second.fetch(`${API}/a?q`)).status, 200);
  assert.deepEqual(asked, ["GET /a", "GET /a"], "the nonce was asked for once");
  assert.equal((await second.fetch(`${API}/late`, { method: "POST", body: "x" })).status, 200);
  assert.deepEqual(asked.slice(2), ["POST /late", "POST /token", "POST /late"]);
  await assert.rejects(second.authorization(`${API}/a`), { code: "invalid_option" });
  second.close();

  // Another page of the tab: the session, its key and the metadata are there.
  asked.length = 0;
  const third = hallpass.createAuth(options());
  assert.equal((await third.ready).status, "signed-in");
  const headers = await third.headers(`${API}/b`, { method: "PUT" });
  assert.equal(headers?.Authorization, "DPoP access-2");
  assert.equal((await third.fetch(`${API}/a`)).status, 200);
  void third.signOut().catch(() => undefined);
  await until(() => left.length > 0);
  assert.deepEqual([third.session.status, asked], ["signed-out", ["GET /a", "GET /a", "POST /revoke"]]);
  const end = new URL(left.shift() ?? "");
  assert.ok(end.pathname === "/end" && end.searchParams.get("id_token_hint") !== null);
  assert.equal(awaitedIn(stored.get("hallpass:pending.default") ?? null), "sign-out", "the core and the package mean the same text");
  third.close();

  page.location.href = `https://app.test/page?state=${end.searchParams.get("state") ?? ""}`;
  const fourth = hallpass.createAuth(options());
  assert.deepEqual([await fourth.completeRedirect(), page.location.href], [null, "https://app.test/page"]);
  assert.deepEqual([...stored.keys()], ["hallpass:provider.default"]);
  fourth.close();
});

test("OIDC-3: a deep link finishes a code flow in a native app", async () => {
  const { attachCapacitor } = (await import(pathToFileURL(join(process.cwd(), "dist", "capacitor.js")).href)) as typeof HallpassCapacitor;
  const redirectUri = "com.example.app://signed-in";
  const { asked, fetch, request } = world("n-native");
  const auth = hallpass.createAuth({ name: "native", origins: [API], fetch, provider: oidc({ issuer: ISSUER, clientId: "spa", dpop: true, redirectUri }) });
  await auth.ready;
  const links: ((event: { url: string }) => void)[] = [];
  const App = {
    addListener(event: string, listener: (event: never) => void) {
      if (event === "appUrlOpen") links.push(listener as (event: { url: string }) => void);
      return Promise.resolve({ remove: () => Promise.resolve() });
    },
  };
  const results: unknown[] = [];
  const detach = attachCapacitor(auth, { App, onResult: ({ returnTo, session }) => results.push([returnTo, session.status]) });

  void auth.signInRedirect({ returnTo: "/inbox" });
  await until(() => left.length > 0);
  for (const [name, value] of new URL(left.shift() ?? "").searchParams) request.set(name, value);
  assert.equal(request.get("redirect_uri"), redirectUri);
  const link = { url: `${redirectUri}?${new URLSearchParams({ code: "the code", state: request.get("state") ?? "", iss: ISSUER }).toString()}` };
  // The shell may tell the same link twice.
  for (const tell of [...links, ...links]) tell(link);
  await until(() => results.length > 1);
  assert.deepEqual(results, [["/inbox", "signed-in"], ["/inbox", "signed-in"]]);
  assert.equal(asked.filter((one) => one === "POST /token").length, 2, "one exchange, asked for a nonce once");
  detach();
  auth.close();
});

/** An entry without a core. */
async function fresh(name: string): Promise<unknown> {
  return (await import(`${pathToFileURL(join(process.cwd(), "dist", `${name}.js`)).href}?${String(++copies)}`)) as unknown;
}
let copies = 0;

const wasm = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(join(process.cwd(), "dist", `${name}.wasm`)));

/** Asked where to go, the core with sign-in at a provider knows. */
async function leaves(auth: Hallpass.Auth): Promise<void> {
  void auth.signInRedirect();
  await until(() => left.length > 0);
  assert.equal(new URL(left.shift() ?? "").origin, ISSUER);
}

test("OIDC-2: two session managers in one page, one of them at a provider, whichever is made first", async () => {
  const { fetch } = world("n-two");
  for (const order of ["plain first", "provider first"]) {
    const { createAuth, decodeToken, load } = (await fresh("index")) as typeof Hallpass;
    const makers = [
      () => createAuth({ name: "plain", signIn: "/sign-in", fetch: () => Promise.resolve(Response.json({ access_token: "opaque", expires_in: 300 })) }),
      () => createAuth({ name: "at-provider", fetch, provider: oidc({ issuer: ISSUER, clientId: "spa" }) }),
    ];
    if (order === "provider first") makers.reverse();
    const made = makers.map((make) => make());
    const [plain, atProvider] = (order === "provider first" ? made.reverse() : made) as [Hallpass.Auth, Hallpass.Auth];
    assert.equal((await plain.signIn({})).status, "signed-in");
    assert.equal(await plain.token(), "opaque");
    assert.equal((await atProvider.ready).status, "signed-out");
    await leaves(atProvider);
    await load();
    assert.equal(decodeToken(`${base64({ alg: "none" })}.${base64({ sub: "ada" })}.c2ln`).claims.sub, "ada");
    await plain.signOut().catch(() => undefined);
    for (const auth of made) auth.close();
  }
});

test("OIDC-2: hallpass/slim with a provider: given the core with that half, before or after createAuth", async () => {
  const { fetch } = world("n-slim");
  for (const isNamedFirst of [true, false]) {
    const { createAuth, load } = (await fresh("slim")) as typeof Slim;
    let reads = 0;
    const source = new Response(wasm("hallpass-provider"));
    const arrayBuffer = source.arrayBuffer.bind(source);
    Object.assign(source, { arrayBuffer: () => (reads++, arrayBuffer()) });
    if (isNamedFirst) void load(source);
    const beside = createAuth({ name: `beside-${String(isNamedFirst)}` });
    const auth = createAuth({ name: `slim-${String(isNamedFirst)}`, fetch, provider: oidc({ issuer: ISSUER, clientId: "spa" }) });
    if (!isNamedFirst) void load(source);
    assert.equal((await auth.ready).status, "signed-out");
    assert.equal((await beside.ready).status, "signed-out");
    await leaves(auth);
    assert.equal(reads, 1, "an answer can be read once");
    auth.close();
    beside.close();
  }
});

test("OIDC-2: hallpass/slim with a provider, given the core without that half: core_unavailable, with the remedy", async () => {
  const { fetch } = world("n-lacking");
  const { createAuth, load } = (await fresh("slim")) as typeof Slim;
  void load(wasm("hallpass"));
  const auth = createAuth({ name: "lacking", fetch, provider: oidc({ issuer: ISSUER, clientId: "spa" }) });
  const beside = createAuth({ name: "beside-lacking" });
  const lacks = { name: "AuthError", code: "core_unavailable", retryable: false, message: /give load\(\) hallpass\/hallpass-provider\.wasm/ };
  await assert.rejects(auth.ready, lacks);
  await assert.rejects(auth.signInRedirect(), lacks);
  await assert.rejects(auth.token(), lacks);
  assert.equal((await beside.ready).status, "signed-out", "who has no provider has all there is to have");
  auth.close();
  beside.close();
});
