import assert from "node:assert/strict";
import { oidcStage } from "./harness/oidc/stage.js";
import { suite } from "./harness/suite.js";

/* The authorization code flow by redirect, at a provider that was not written here. */

/** 32 bytes in base64url. */
const RANDOM = /^[A-Za-z0-9_-]{43}$/;

suite("sign-in at a provider", (test) => {
  test("OIDC-2: there and back with PKCE, state and nonce; one exchange, a clean address, a profile, a request with the token (SEC-10)", async (world) => {
    const { page, provider, api } = await oidcStage(world, { provider: { scope: "openid profile" } });
    await page.open("?keep=1#/route");
    assert.deepEqual(provider.faults.arrived, [], "nothing is fetched before it is needed");
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "never-signed-in" });
    const callback = await page.signIn({ returnTo: "/app?chapter=2#there" });
    assert.deepEqual(callback, { returnTo: "/app?chapter=2#there", status: "signed-in" });

    const [request] = provider.askedOf("authorization");
    const { state, nonce, code_challenge: challenge, ...rest } = request.query;
    for (const value of [state, nonce, challenge]) assert.match(value, RANDOM);
    assert.equal(new Set([state, nonce, challenge]).size, 3);
    assert.deepEqual(rest, {
      response_type: "code",
      client_id: "spa",
      redirect_uri: page.address,
      scope: "openid profile",
      code_challenge_method: "S256",
    });
    const [{ params }] = provider.askedOf("token");
    assert.match(params.code_verifier, RANDOM);
    assert.deepEqual([params.grant_type, params.client_id, params.redirect_uri], ["authorization_code", "spa", page.address]);
    assert.deepEqual(provider.exchanges, ["ok"]);

    assert.equal(await page.url(), page.address, "nothing of the callback is left");
    const { status, claims, profile } = await page.session();
    assert.deepEqual([status, claims, profile.sub, profile.name, profile.iss], ["signed-in", null, "ada", "Name of ada", provider.issuer]);
    for (const claim of ["nonce", "at_hash", "c_hash", "s_hash"]) assert.ok(!(claim in profile), claim);
    assert.deepEqual(await page.ask(`${api.origin}/data`), { status: 200, body: { sub: "ada", scope: "openid profile" } });
    assert.equal(await page.token(), provider.tokens.access_token);
    await world.collect();
    assert.deepEqual(world.seen.filter(({ where }) => where.startsWith("console")), [], "nothing in the console");
  }, { quick: true });

  test("OIDC-2: what the flow needed is gone afterwards, everywhere: code, state, nonce, verifier, ID token (SEC-06)", async (world) => {
    const { page, provider } = await oidcStage(world);
    await page.open();
    await page.signIn();
    const [{ query }] = provider.askedOf("authorization");
    const [{ params, answer }] = provider.askedOf("token");
    const traces = await page.run(() => [document.referrer, JSON.stringify(window.navigation?.entries?.().map(({ url }) => url) ?? [])]);
    const places = JSON.stringify([await page.stores(), traces]);
    for (const secret of [query.state, query.nonce, params.code, params.code_verifier, answer.id_token]) assert.ok(!places.includes(secret));
    assert.ok(places.includes(answer.refresh_token), "what is meant to be kept would be seen");
  });

  test("OIDC-1: after a reload the session stands, and nobody is asked for anything", async (world) => {
    const { page, provider, api } = await oidcStage(world);
    await page.open();
    await page.signIn();
    const { profile } = await page.session();
    provider.forget();
    await page.reload();
    assert.deepEqual([(await page.session()).profile, await page.statuses()], [profile, ["loading", "signed-in"]]);
    assert.equal((await page.ask(`${api.origin}/data`)).status, 200);
    await page.refresh();
    assert.deepEqual(provider.faults.arrived, ["/token"], "the metadata are known for a day");
  });

  test("OIDC-3: while the code is exchanged the session is loading, and a guard sees nothing else", async (world) => {
    const { page, provider } = await oidcStage(world, { isGuarded: true });
    provider.faults.add({ path: "/token", holds: true });
    await page.goto(page.address);
    await provider.faults.arrival("/token");
    assert.equal((await page.session()).status, "loading");
    assert.equal(await page.url(), page.address, "clean before the answer is there");
    provider.faults.release();
    await page.back();
    assert.deepEqual(await page.statuses(), ["loading", "signed-in"]);
    assert.deepEqual([provider.askedOf("authorization").filter(({ query }) => query.state).length, provider.exchanges], [1, ["ok"]]);
  });

  test("OIDC-3: back, forward and reload never send a code a second time", async (world) => {
    const { page, provider } = await oidcStage(world);
    await page.open();
    await page.signIn();
    await page.reload();
    await page.driver.navigate().back();
    // A page that is left while it loads says so in its console.
    await page.until("the page before is loaded", (path) => location.pathname !== path || window.isThere === true, new URL(page.address).pathname);
    await page.driver.navigate().forward();
    await page.back();
    assert.equal((await page.session()).status, "signed-in");
    assert.deepEqual([provider.exchanges, provider.revoked], [["ok"], []]);
  });

  test("OIDC-2: responseMode fragment: the callback stands in the fragment, and goes from there", async (world) => {
    const { page, provider } = await oidcStage(world, { provider: { responseMode: "fragment" } });
    await page.open();
    await page.signIn();
    assert.equal(provider.askedOf("authorization")[0].query.response_mode, "fragment");
    assert.equal(await page.url(), page.address);
  });

  test("OIDC-2: without `openid` it is plain OAuth: no nonce, no ID token, no profile", async (world) => {
    const { page, provider, api, change } = await oidcStage(world);
    change({ provider: { scope: "api:read", resource: api.origin } });
    await page.open();
    await page.signIn();
    assert.equal(provider.askedOf("authorization")[0].query.nonce, undefined);
    assert.equal((await page.session()).profile, null);
    assert.equal(typeof provider.tokens.id_token, "undefined");
    assert.equal((await page.ask(`${api.origin}/data`)).status, 200);
  });

  test("OIDC-12: prompt=none without a session at the provider: callback_error with login_required, and signed out", async (world) => {
    const { page, provider } = await oidcStage(world);
    await page.open();
    const callback = await page.tryToSignIn({ params: { prompt: "none" } });
    assert.deepEqual([callback.error, callback.oauthError], ["callback_error", "login_required"]);
    assert.equal((await page.session()).status, "signed-out");
    assert.equal(await page.url(), page.address);
    assert.deepEqual(provider.exchanges, []);
  });

  test("OIDC-12: prompt=none with a session at the provider: signed in, and no page was shown", async (world) => {
    const { page, provider, newPage } = await oidcStage(world, { provider: { params: { prompt: "none" } } });
    await page.open();
    await page.signIn({ params: { prompt: "login" } });
    const other = await (await newPage()).open();
    assert.equal((await other.session()).status, "signed-out", "tabs are separate");
    provider.forget();
    await other.signIn();
    assert.equal(provider.logins, 0);
  });

  test("OIDC-3: the user says no: callback_error with access_denied, a clean address, and signed out", async (world) => {
    const { page } = await oidcStage(world, { server: { login: "button" } });
    await page.open();
    await page.leave();
    await page.press("cancel");
    const { error, oauthError } = await page.back();
    assert.deepEqual([error, oauthError], ["callback_error", "access_denied"]);
    assert.deepEqual([(await page.session()).status, await page.url()], ["signed-out", page.address]);
  });
});
