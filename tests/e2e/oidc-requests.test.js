import assert from "node:assert/strict";
import { oidcStage } from "./harness/oidc/stage.js";
import { suite } from "./harness/suite.js";

/* What else can be asked of a provider: pushed requests, a resource, the age of the authentication, userinfo. */

suite("requests to a provider", (test) => {
  for (const dpop of [false, true]) {
    test(`OIDC-2: PAR required${dpop ? ", with DPoP" : ""}: nothing but client and request_uri goes through the address bar`, async (world) => {
      const { page, provider } = await oidcStage(world, { server: { par: true, dpop }, provider: { dpop, params: { ui_locales: "de" } } });
      await page.open();
      await page.signIn();
      const pushed = provider.askedOf("pushed_authorization_request").filter(({ status }) => status === 201);
      assert.equal(pushed.length, 1);
      assert.deepEqual([pushed[0].params.ui_locales, typeof pushed[0].params.code_challenge], ["de", "string"]);
      assert.equal(pushed[0].params.dpop_jkt !== undefined, dpop);
      assert.deepEqual(Object.keys(provider.askedOf("authorization")[0].query).sort(), ["client_id", "request_uri"]);
    });
  }

  test("OIDC-2: PAR is refused: sign_in_rejected with the provider's code, and the page stays; a server in trouble: sign_in_unavailable", async (world) => {
    const { page, provider } = await oidcStage(world, { server: { par: true }, provider: { resource: "https://unknown.example.com" } });
    await page.open();
    const refused = await page.errorOf(() => window.auth.signInRedirect());
    assert.deepEqual([refused.code, refused.properties.oauthError], ["sign_in_rejected", "invalid_target"]);
    provider.faults.add({ path: "/request", times: 1, status: 503 });
    const unavailable = await page.errorOf(() => window.auth.signInRedirect());
    assert.deepEqual([unavailable.code, unavailable.retryable], ["sign_in_unavailable", true]);
    assert.deepEqual([await page.url(), (await page.session()).status], [page.address, "signed-out"]);
  });

  test("OIDC-7: resource: sent with the request, the exchange and each refresh; the token is a JWT for this API", async (world) => {
    const { page, provider, api, change } = await oidcStage(world);
    change({ provider: { scope: "openid api:read", resource: api.origin } });
    await page.open();
    await page.signIn();
    const { claims, profile } = await page.session();
    assert.deepEqual([claims.aud, claims.scope, claims.sub, profile.aud], [api.origin, "api:read", "ada", "spa"]);
    await page.refresh();
    assert.deepEqual(await page.ask(`${api.origin}/data`), { status: 200, body: { sub: "ada", scope: "api:read" } });
    const asked = [...provider.askedOf("authorization").slice(0, 1), ...provider.askedOf("token")];
    assert.deepEqual(asked.map(({ params }) => [params.resource].flat()), [[api.origin], [api.origin], [api.origin]]);
  });

  test("OIDC-5: maxAgeSeconds: sent as max_age; a younger authentication is good, an older one is made anew", async (world) => {
    const { page, provider, change } = await oidcStage(world, { provider: { maxAgeSeconds: 1_000 } });
    await page.open();
    await page.signIn();
    const { profile: first } = await page.session();
    assert.equal(provider.askedOf("authorization")[0].query.max_age, "1000");
    assert.ok(Math.abs(first.auth_time - Date.now() / 1000) < 60);

    await page.run(() => window.auth.signOut());
    provider.forget();
    await page.signIn();
    assert.deepEqual([provider.logins, (await page.session()).profile.auth_time], [0, first.auth_time]);

    await page.run(() => window.auth.signOut());
    change({ provider: { maxAgeSeconds: 1 } });
    await page.open();
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    await page.signIn();
    assert.equal(provider.logins, 1);
    assert.ok((await page.session()).profile.auth_time > first.auth_time);
  });

  test("OIDC-6: userInfo: its claims over the ID token's, asked after sign-in and not at each refresh", async (world) => {
    const { page, provider } = await oidcStage(world, { provider: { scope: "openid profile", userInfo: true } });
    await page.open();
    await page.signIn();
    await page.until("the profile is whole", () => window.auth.session.profile?.nickname !== undefined);
    const { profile } = await page.session();
    assert.deepEqual([profile.sub, profile.name, profile.nickname, profile.iss], ["ada", "Name of ada", "ad", provider.issuer]);
    await page.refresh();
    await page.reload();
    assert.equal((await page.session()).profile.nickname, "ad");
    assert.deepEqual(provider.askedOf("userinfo").map(({ status }) => status), [200]);
  });

  test("OIDC-6: userInfo with DPoP: a proof for it, too", async (world) => {
    const { page, provider } = await oidcStage(world, { server: { dpop: true }, provider: { scope: "openid profile", dpop: true, userInfo: true } });
    await page.open();
    await page.signIn();
    await page.until("the profile is whole", () => window.auth.session.profile?.nickname !== undefined);
    const asked = provider.askedOf("userinfo").at(-1);
    assert.deepEqual([asked.status, typeof asked.proof.payload.ath], [200, "string"]);
  });

  test("OIDC-6: userInfo fails: reported, signed in all the same, with the ID token's claims", async (world) => {
    const { page, provider } = await oidcStage(world, { provider: { scope: "openid profile", userInfo: true } });
    world.expect("error");
    provider.faults.add({ path: "/me", status: 503 });
    await page.open();
    await page.signIn();
    const { name, nickname } = (await page.session()).profile;
    assert.deepEqual([name, nickname], ["Name of ada", undefined]);
    await world.collect();
    assert.ok(world.seen.some(({ where }) => where === "error"), "reported");
  });

  test("OIDC-2: a provider that gives refresh tokens for offline_access with consent: by scope and params", async (world) => {
    const { page, provider } = await oidcStage(world, {
      server: { offlineAccess: true },
      provider: { scope: "openid offline_access", params: { prompt: "consent" } },
    });
    await page.open();
    await page.signIn();
    await page.refresh();
    assert.deepEqual(provider.refreshes, ["ok"]);
  });

  test("OIDC-2: params that this package sets itself are refused: invalid_option, and nothing is asked", async (world) => {
    const { page, provider } = await oidcStage(world);
    await page.open();
    for (const name of ["state", "code_challenge", "redirect_uri", "client_id", "response_type"]) {
      const error = await page.errorOf((name) => window.auth.signInRedirect({ params: { [name]: "mine" } }), name);
      assert.equal(error.code, "invalid_option", name);
    }
    assert.deepEqual(provider.askedOf("authorization"), []);
  });
});
