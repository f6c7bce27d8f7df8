import assert from "node:assert/strict";
import { ReferenceProviderPage } from "./harness/oidc/reference-page.js";
import { suite } from "./harness/suite.js";

/* A provider whose answers are wrong in one place each: the reference server with faults. Lost ones: oidc-callback.test.js. */

const METADATA = "/oidc/.well-known/openid-configuration";
const CALLBACK = "/oidc/authorize";
const TOKEN = "/oidc/token";

const CASES = [
  { name: "another issuer in the callback", rule: { route: CALLBACK, callback: { iss: "https://evil.test" } }, code: "provider_mismatch", id: "OIDC-3, SEC-11" },
  { name: "no issuer in it, though one was announced", rule: { route: CALLBACK, callback: { iss: null } }, code: "provider_mismatch", id: "OIDC-3, SEC-11" },
  { name: "another state", rule: { route: CALLBACK, callback: { state: "other" } }, code: "callback_state_mismatch", id: "OIDC-3, SEC-08" },
  { name: "two codes", rule: { route: CALLBACK, callback: { code: ["a", "b"] } }, code: "callback_malformed", id: "OIDC-3" },
  { name: "another nonce", rule: { route: TOKEN, idToken: { nonce: "other" } }, code: "provider_mismatch", id: "OIDC-5" },
  { name: "an ID token of another issuer", rule: { route: TOKEN, idToken: { iss: "https://evil.test" } }, code: "provider_mismatch", id: "OIDC-5" },
  { name: "an ID token for another client", rule: { route: TOKEN, idToken: { aud: "other" } }, code: "provider_mismatch", id: "OIDC-5" },
  { name: "an ID token for several, without azp", rule: { route: TOKEN, idToken: { aud: ["spa", "other"] } }, code: "provider_mismatch", id: "OIDC-5" },
  { name: "an ID token without a signature", rule: { route: TOKEN, idTokenHeader: { alg: "none" } }, code: "invalid_response", id: "OIDC-5" },
  { name: "an ID token that has ended", rule: { route: TOKEN, idToken: { exp: 1 } }, code: "invalid_response", id: "OIDC-5" },
  { name: "an ID token from the future", rule: { route: TOKEN, idToken: { iat: 4_000_000_000, exp: 4_000_000_300 } }, code: "invalid_response", id: "OIDC-5" },
  { name: "no ID token", rule: { route: TOKEN, answer: { id_token: null } }, code: "invalid_response", id: "OIDC-5" },
  { name: "a bearer token though a proof came", provider: { dpop: true }, rule: { route: TOKEN, answer: { token_type: "Bearer" } }, code: "provider_mismatch", id: "OIDC-4" },
];

suite("an odd provider", (test) => {
  for (const { name, rule, code, id, provider } of CASES) {
    test(`${name}: ${code}, and the session before is untouched (${id})`, async (world) => {
      const page = await referencePage(world).openWith(provider);
      await page.run(() => window.hallpassDemo.auth.accept({ accessToken: "the-session-before" }));
      await world.server.fault(rule);
      const callback = await page.signInThere();
      assert.equal(callback.error, code);
      assert.equal(await page.token(), "the-session-before");
      assert.equal(new URL(await page.url()).search, "");
      assert.ok((await world.server.log({ path: TOKEN })).length <= 1, "a code is sent once");
    });
  }

  test("metadata of another issuer: provider_mismatch, and the page stays (OIDC-1)", async (world) => {
    await world.server.fault({ route: METADATA, answer: { issuer: "https://evil.test" } });
    const page = await referencePage(world).openWith();
    const error = await page.errorOf(() => window.hallpassDemo.auth.signInRedirect());
    assert.equal(error.code, "provider_mismatch");
    assert.equal((await page.session()).status, "signed-out");
  });

  test("another user at a refresh: rejected, and the session is over (OIDC-5)", async (world) => {
    const page = await referencePage(world).openWith({ scope: "openid offline_access" });
    await world.server.fault({ route: TOKEN, skip: 1, idToken: { sub: "other" } });
    assert.equal(await page.signInThere(), "signed-in");
    const error = await page.errorOf(() => window.hallpassDemo.auth.refresh());
    assert.equal(error.code, "refresh_rejected");
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "rejected" });
  });

  test("userinfo of another user: reported, the ID token's claims stay (OIDC-6)", async (world) => {
    await world.server.fault({ route: "/oidc/userinfo", answer: { sub: "other", name: "Mallory" } });
    world.expect("error");
    const page = await referencePage(world).openWith({ userInfo: true });
    assert.equal(await page.signInThere(), "signed-in");
    assert.notEqual((await page.session()).profile.name, "Mallory");
    await world.collect();
    assert.ok(world.seen.some(({ where, text }) => where === "error" && text.includes("provider_mismatch")), "reported");
  });
});

function referencePage(world) {
  return new ReferenceProviderPage(world, world.window);
}
