import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";
import type * as Hallpass from "../src/index.js";
import type * as HallpassOidc from "../src/oidc/index.js";
import type { CoreOptions } from "../src/core/contract.js";
import { AuthError } from "../src/error.js";
import { oidc, type OidcOptions } from "../src/oidc/index.js";
import { readOptions } from "../src/options/options.js";

const PAGE = "https://app.test/dir/page?q#h";
const LEAST = { issuer: "https://id.test", clientId: "spa" };
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const settings = (options: object, beside: object = {}): CoreOptions => readOptions({ provider: oidc(options as OidcOptions), ...beside }, PAGE).core;
const provider = (options: object): unknown => plain(settings({ ...LEAST, ...options }).provider);

function refuses(read: () => unknown, message: RegExp): void {
  assert.throws(read, (error: unknown) => {
    assert.ok(error instanceof AuthError);
    assert.equal(error.code, "invalid_option");
    assert.match(error.message, message);
    return true;
  });
}

/** What the native tests give to the core. */
const SETTINGS = JSON.parse(readFileSync(join(process.cwd(), "..", "tests", "support", "settings.json"), "utf8")) as Record<"defaults" | "whole", CoreOptions>;

test("OIDC-1, OIDC-2: what the application asks for is what the core gets", () => {
  const defaults = { scope: "openid offline_access", redirectUri: "/callback", postLogoutRedirectUri: "https://app.test/" };
  assert.deepEqual(provider(defaults), SETTINGS.defaults.provider);
  const whole = {
    issuer: new URL("https://id.test/realms/mine"),
    clientId: "app",
    scope: "openid profile",
    redirectUri: new URL("https://app.test/dir/callback"),
    postLogoutRedirectUri: "../bye",
    params: { prompt: "login" },
    resource: ["https://api.test/v1", "https://api.test/v2"],
    responseMode: "fragment",
    dpop: true,
    maxAgeSeconds: 12,
    signOut: "end-session",
  };
  assert.deepEqual(provider(whole), { ...SETTINGS.whole.provider, pendingMaxAgeSeconds: 600 });
});

test("OIDC-1, OIDC-2: defaults", () => {
  const { refresh, signOut, ...core } = settings(LEAST);
  assert.deepEqual([refresh, signOut, core.signIn, core.redirect], ["provider", "provider", null, null]);
  assert.deepEqual(plain(core.provider), {
    issuer: "https://id.test",
    clientId: "spa",
    scope: "openid",
    redirectUri: "https://app.test/dir/page",
    responseMode: "query",
    params: {},
    resources: [],
    maxAgeSeconds: null,
    dpop: false,
    keepsIdToken: false,
    postLogoutRedirectUri: "https://app.test/dir/page",
    pendingMaxAgeSeconds: 600,
  });
  assert.equal(settings({ ...LEAST, signOut: "local" }).signOut, null);
  assert.equal(Object.getPrototypeOf(core.provider), null);
});

test("OIDC-1: the issuer is a text, compared as it stands; a URL of a bare origin loses the slash that URL adds", () => {
  const issuer = (value: unknown): unknown => (provider({ issuer: value }) as { issuer: unknown }).issuer;
  assert.equal(issuer("https://id.test"), "https://id.test");
  assert.equal(issuer("https://id.test/"), "https://id.test/");
  assert.equal(issuer(new URL("https://id.test")), "https://id.test");
  assert.equal(issuer(new URL("https://id.test/a/")), "https://id.test/a/");
  assert.equal(issuer("http://localhost:8080/realm"), "http://localhost:8080/realm");
  for (const wrong of ["http://id.test", "http://192.168.1.2", "ftp://id.test", "id.test", "", "https://id.test?a", "https://id.test#", "https://u:p@id.test", 1, null, undefined]) {
    refuses(() => provider({ issuer: wrong }), /^oidc\.issuer must be the provider's issuer/);
  }
});

test("OIDC-2: parameters that this package sets are refused", () => {
  for (const name of ["client_id", "state", "nonce", "scope", "redirect_uri", "code_challenge", "dpop_jkt", "resource", "max_age", "request_uri"]) {
    refuses(() => provider({ params: { [name]: "x" } }), new RegExp(`^oidc\\.params\\.${name} must not be set`));
  }
  refuses(() => provider({ params: { prompt: 1 } }), /must be a string/);
  refuses(() => provider({ params: { prompt: "\ud800" } }), /^oidc\.params\.prompt must be well-formed text/);
  refuses(() => provider({ params: { "\udc00": "x" } }), /^oidc\.params must be well-formed text/);
  refuses(() => provider({ resource: ["https://api.test/\ud800"] }), /^oidc\.resource must be well-formed text/);
});

test("OIDC-1, OIDC-2: wrong values, each by its name", () => {
  refuses(() => oidc(undefined as never), /^oidc must be an object/);
  refuses(() => provider({ clientID: "x" }), /^oidc\.clientID does not exist/);
  refuses(() => provider({ clientId: "" }), /^oidc\.clientId/);
  for (const scope of ["", " ", "a  b", "a\tb", "a\"", 1]) refuses(() => provider({ scope }), /^oidc\.scope/);
  for (const resource of ["api", "https://api.test/#x", ["https://api.test", 1]]) refuses(() => provider({ resource }), /^oidc\.resource/);
  for (const maxAgeSeconds of [-1, 1.5, "1"]) refuses(() => provider({ maxAgeSeconds }), /^oidc\.maxAgeSeconds/);
  refuses(() => provider({ responseMode: "form_post" }), /^oidc\.responseMode/);
  refuses(() => provider({ signOut: "all" }), /^oidc\.signOut/);
  refuses(() => provider({ redirectUri: "https://other.test/" }), /^oidc\.redirectUri must be a URL on this page's own origin/);
  refuses(() => provider({ redirectUri: "/callback#x" }), /^oidc\.redirectUri must have no fragment/);
  refuses(() => provider({ postLogoutRedirectUri: "javascript:1" }), /^oidc\.postLogoutRedirectUri/);
});

test("OIDC-2: an absolute redirect URI is sent as it is written", () => {
  assert.equal((provider({ redirectUri: "https://app.test" }) as { redirectUri: unknown }).redirectUri, "https://app.test");
  assert.equal((provider({ redirectUri: "com.example.app://in" }) as { redirectUri: unknown }).redirectUri, "com.example.app://in");
});

test("what a provider does itself must not be asked of a server beside it", () => {
  const beside = { signIn: "/in", refresh: () => null, signOut: "/out", redirect: { url: "https://login.test/" } };
  for (const [name, value] of Object.entries(beside)) {
    refuses(() => settings(LEAST, { [name]: value }), new RegExp(`^options\\.${name} must not be set beside options\\.provider`));
  }
  settings(LEAST, { header: { name: "X-Token" }, fingerprint: { mode: "server" } });
  refuses(() => settings({ ...LEAST, dpop: true }, { header: { scheme: "Token" } }), /^options\.header must not be set with DPoP/);
  for (const wrong of [{ kind: "oidc" }, {}, "https://id.test", null]) refuses(() => readOptions({ provider: wrong }, PAGE), /^options\.provider must be what oidc\(\)/);
});

test("what oidc() gives shows nothing, and cannot be changed", () => {
  const made = oidc(LEAST);
  assert.deepEqual({ ...made }, { kind: "oidc" });
  assert.ok(Object.isFrozen(made));
});

test("an error of one entry is an AuthError of all, and of no class that was derived from it", async () => {
  const load = async (name: string): Promise<unknown> => (await import(pathToFileURL(join(process.cwd(), "dist", name)).href)) as unknown;
  const main = (await load("index.js")) as typeof Hallpass;
  const entry = (await load("oidc.js")) as typeof HallpassOidc;
  const commonJs = createRequire(import.meta.url)(join(process.cwd(), "dist", "index.cjs")) as typeof Hallpass;
  class Derived extends main.AuthError {}
  try {
    entry.oidc({} as OidcOptions);
    assert.fail("refuses nothing");
  } catch (error) {
    assert.ok(error instanceof main.AuthError && error instanceof commonJs.AuthError && error instanceof Error);
    assert.ok(!(error instanceof Derived));
  }
  assert.ok(new Derived("closed") instanceof Derived && new Derived("closed") instanceof commonJs.AuthError);
  assert.ok(!(new Error("AuthError") instanceof main.AuthError));
  for (const value of [null, undefined, "AuthError", { name: "AuthError" }]) assert.ok(!((value as unknown) instanceof main.AuthError));
  assert.ok(main.createAuth({ provider: entry.oidc(LEAST) }).session.status === "loading");
});
