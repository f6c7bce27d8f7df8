import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The settings as a build of this mode has them. */
async function settings(mode) {
  const options = { ssr: "src/settings.ts", write: false };
  const { output } = await build({ root: ROOT, configFile: false, logLevel: "error", mode, build: options });
  return import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
}

/** Addresses that somebody may send to somebody else. */
const WEAKENING = [
  "?fingerprint=none",
  "?storage=local",
  "?accept=fragment-token",
  "?accept=fragment-params,fragment-token",
  "?accept=fragment-token&accept=fragment-params",
  "?maxAge=999999999",
  "?fingerprint=none&storage=local&accept=fragment-token&maxAge=999999999",
  "?%66ingerprint=none&%73torage=local&accept=fragment%2Dtoken",
];

function options({ readSettings, authOptions }, query) {
  return authOptions(readSettings(query), "https://api.example.com", "https://app.example.com/");
}

test("no address takes a safeguard away from the demo that users get", async () => {
  const demo = await settings("production");
  const usual = options(demo, "");
  assert.equal(usual.fingerprint.mode, "server");
  assert.equal(usual.storage, "session");
  assert.deepEqual(usual.redirect.accept, ["fragment-params"]);
  for (const query of WEAKENING) assert.deepEqual(options(demo, query), usual, query);
});

test("an address may still ask for what weakens nothing", async () => {
  const demo = await settings("production");
  const { storage, tabs, refresh, schedule, limits } = options(demo, "?storage=memory&tabs=shared&refresh=cookie&lead=10&idle=60");
  assert.deepEqual(
    [storage, tabs, refresh.refreshToken, schedule.leadSeconds, limits.idleSeconds],
    ["memory", "shared", "cookie", 10, 60],
  );
});

test("at the provider, tokens are bound to a key whatever the address says", async () => {
  const { readSettings, authOptions, providerOptions } = await settings("production");
  const { signIn } = readSettings("?signIn=code&fingerprint=none&dpop=false");
  assert.equal(signIn, "code");
  assert.equal(providerOptions("https://api.example.com", "https://app.example.com/").dpop, true);
  const provider = { kind: "oidc" };
  const made = authOptions(readSettings("?signIn=code"), "https://api.example.com", "https://app.example.com/", provider);
  assert.equal(made.provider, provider);
  assert.deepEqual([made.signIn, made.refresh, made.signOut, made.redirect], [undefined, undefined, undefined, undefined]);
});

test("the build of the tests knows them all", async () => {
  const demo = await settings("test");
  const { fingerprint, storage, redirect } = options(demo, WEAKENING.at(-2));
  assert.equal(fingerprint, undefined);
  assert.equal(storage, "local");
  assert.deepEqual(redirect.accept, ["fragment-token"]);
  assert.equal(redirect.maxAgeSeconds, 999_999_999);
});

test("only the build of the tests is made in their mode, and elsewhere", async () => {
  const { scripts } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  assert.equal(scripts.build, "vite build");
  assert.equal(scripts.watch, "vite build --watch");
  assert.match(scripts["build:test"], /^vite build --mode test --outDir \S+\/target\/test-app --emptyOutDir$/);
});
