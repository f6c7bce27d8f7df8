import assert from "node:assert/strict";
import { oidcStage } from "./harness/oidc/stage.js";
import { suite } from "./harness/suite.js";

/* What a provider hears of a sign-out. */

suite("sign-out at a provider", (test) => {
  test("OIDC-9: revoke, which is the default: the refresh token at the revocation endpoint; the family is dead, nothing is left here (SEC-05)", async (world) => {
    const { page, provider } = await signedIn(world);
    await page.refresh();
    const { access_token: access, refresh_token: refresh } = provider.tokens;
    await page.run(() => window.auth.signOut());
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "user" });
    const [{ params }] = provider.askedOf("revocation");
    assert.deepEqual([params.token, params.token_type_hint, params.client_id], [refresh, "refresh_token", "spa"]);
    assert.equal(provider.revoked.length, 1);
    assert.deepEqual([provider.askedOf("revocation").length, provider.askedOf("end_session"), await page.url()], [1, [], page.address]);
    const stores = JSON.stringify(await page.stores());
    for (const secret of [access, refresh]) assert.ok(!stores.includes(secret));
    assert.equal(await page.record(), null);
  }, { quick: true });

  test("OIDC-9: the provider is out of reach: signed out here all the same, and sign_out_unavailable", async (world) => {
    const { page, provider } = await signedIn(world);
    provider.faults.add({ path: "/token/revocation", status: 503 });
    const error = await page.errorOf(() => window.auth.signOut());
    assert.equal(error.code, "sign_out_unavailable");
    assert.deepEqual([(await page.session()).status, await page.record()], ["signed-out", null]);
  });

  test("OIDC-9: local: nobody is told", async (world) => {
    const { page, provider } = await signedIn(world, { provider: { signOut: "local" } });
    provider.forget();
    await page.run(() => window.auth.signOut());
    assert.deepEqual([(await page.session()).status, provider.faults.arrived], ["signed-out", []]);
  });

  test("OIDC-9: end-session: revoked first, then to the provider and home; its session is over, the address is clean", async (world) => {
    const { page, provider } = await signedIn(world, { provider: { signOut: "end-session" } });
    const { id_token: idToken } = provider.tokens;
    assert.ok((await page.record()).includes(idToken), "kept for this");
    provider.forget();
    await page.run(() => (window.isThere = false));
    await page.fire(() => window.auth.signOut());
    await page.back();
    assert.deepEqual([(await page.session()).status, await page.url()], ["signed-out", page.address]);
    const asked = provider.asked.map(({ endpoint }) => endpoint);
    assert.ok(asked.indexOf("revocation") < asked.indexOf("end_session"), String(asked));
    assert.equal(provider.revoked.length, 1, "here tokens would outlive the session");
    const { query } = provider.askedOf("end_session")[0];
    assert.match(query.state, /^[A-Za-z0-9_-]{22,}$/);
    assert.deepEqual([query.id_token_hint, query.client_id, query.post_logout_redirect_uri], [idToken, "spa", page.address]);
    const stores = JSON.stringify(await page.stores());
    for (const secret of [idToken, query.state]) assert.ok(!stores.includes(secret));

    provider.forget();
    await page.signIn();
    assert.equal(provider.logins, 1, "who signs in again is asked again");
  });

  test("OIDC-9: home from the end of the session with another state: cleaned, nothing else", async (world) => {
    const { page, provider } = await signedIn(world, { server: { logout: "button" }, provider: { signOut: "end-session" } });
    await page.run(() => (window.isThere = false));
    await page.fire(() => window.auth.signOut());
    await page.providersPage("sign-out");
    await page.goto(`${page.address}?state=${"z".repeat(43)}`);
    assert.equal(await page.back(), null);
    assert.deepEqual([(await page.session()).status, await page.url()], ["signed-out", page.address]);
    assert.equal(provider.askedOf("end_session").length, 1);
  });

  test("OIDC-9: a session that ends by itself leaves no page: the user is where the work is", async (world) => {
    const { page, provider } = await signedIn(world, { provider: { signOut: "end-session" }, options: { limits: { sessionSeconds: 3 } } });
    await page.untilStatus("signed-out");
    await page.settled();
    assert.deepEqual([provider.askedOf("end_session"), await page.url()], [[], page.address]);
  });

  test("OIDC-9: a sign-out in one tab ends the other, and the provider is told once (REL-28)", async (world) => {
    const { page, provider, newPage } = await signedIn(world, { options: { tabs: "shared" } });
    const other = await (await newPage()).open();
    await other.untilStatus("signed-in");
    await other.run(() => window.auth.signOut());
    await page.untilStatus("signed-out");
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "other-tab" });
    assert.equal(provider.askedOf("revocation").length, 1);
  });
});

async function signedIn(world, settings) {
  const stage = await oidcStage(world, settings);
  await stage.page.open();
  await stage.page.signIn();
  return stage;
}
