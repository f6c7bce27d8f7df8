import assert from "node:assert/strict";
import * as client from "openid-client";
import { after, describe } from "node:test";
import { ClientOfOthers } from "./harness/oidc/client-of-others.js";
import { OidcProvider } from "./harness/oidc/provider.js";
import { chosen } from "./harness/suite.js";

/*
 * The authorization server of the other tests, gone through with a client that was not written here either, in plain
 * Node: what it is trusted to refuse, it refuses, and what it counts, it counts right.
 */

const CALLBACK = "https://localhost:1/callback";

describe("the authorization server of the tests", () => {
  const running = [];
  after(() => Promise.all(running.map((provider) => provider.stop())));
  const it = chosen();

  async function start(switches = {}, scope) {
    const provider = await new OidcProvider({ redirectUris: [CALLBACK], ...switches }).start();
    running.push(provider);
    return { provider, spa: await new ClientOfOthers(provider, { redirectUri: CALLBACK, scope }).discover() };
  }

  it("code with PKCE, ID token and userinfo; rotation; a token that comes twice ends the family", async () => {
    const { provider, spa } = await start();
    const first = await spa.signIn();
    assert.equal(first.claims().sub, "ada");
    assert.equal(typeof first.claims().nonce, "string");
    assert.deepEqual([first.claims().name, first.claims().nickname], ["Name of ada", undefined]);
    assert.equal((await spa.userInfo(first)).nickname, "ad");
    assert.equal((await spa.ask(first)).sub, "ada");

    const second = await spa.refresh(first);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal((await spa.ask(second)).sub, "ada");
    assert.deepEqual([provider.exchanges, provider.refreshes, provider.revoked], [["ok"], ["ok"], []]);

    await assert.rejects(spa.refresh(first), { error: "invalid_grant" });
    assert.equal(provider.revoked.length, 1);
    await assert.rejects(spa.refresh(second), { error: "invalid_grant" }, "the newest token died with its family");
    await assert.rejects(spa.ask(second), /401/);
    assert.deepEqual(provider.refreshes, ["ok", "invalid_grant", "invalid_grant"]);
  });

  it("without rotation one refresh token serves again and again", async () => {
    const { provider, spa } = await start({ rotates: false });
    const first = await spa.signIn();
    for (let time = 0; time < 2; time += 1) assert.equal((await spa.refresh(first)).refresh_token, first.refresh_token);
    assert.deepEqual(provider.refreshes, ["ok", "ok"]);
  });

  it("without a challenge it gives no code, with a wrong verifier no tokens; a code that comes twice ends what it gave", async () => {
    const { provider, spa } = await start();
    await assert.rejects(spa.authorize({ code_challenge: null, code_challenge_method: null }), { error: "invalid_request" });
    const { url, checks } = await spa.authorize();
    await assert.rejects(spa.exchange(url, { ...checks, pkceCodeVerifier: client.randomPKCECodeVerifier() }), { error: "invalid_grant" });

    const again = await spa.authorize();
    const tokens = await spa.exchange(again.url, again.checks);
    await assert.rejects(spa.exchange(again.url, again.checks), { error: "invalid_grant" });
    await assert.rejects(spa.refresh(tokens), { error: "invalid_grant" });
    assert.equal(provider.revoked.length, 1);
  });

  it("DPoP: a nonce is asked for at the token endpoint and at the API; the token is worth nothing without its key", async () => {
    const { provider, spa } = await start({ dpop: true });
    await spa.makeKey();
    const tokens = await spa.signIn();
    assert.equal(tokens.token_type, "dpop");
    assert.deepEqual(provider.exchanges, ["use_dpop_nonce", "ok"]);
    assert.equal((await spa.ask(tokens)).sub, "ada");
    assert.deepEqual(provider.api.statuses("/me"), [401, 200]);
    const [first, second] = provider.api.calls.map(({ proof }) => proof);
    assert.equal(first.payload.nonce, undefined);
    assert.equal(typeof second.payload.nonce, "string");
    assert.notEqual(first.payload.jti, second.payload.jti);
    provider.api.changeNonce();
    await spa.ask(tokens);
    assert.deepEqual(provider.api.statuses("/me"), [401, 200, 401, 200]);

    await spa.refresh(tokens);
    await spa.makeKey();
    await assert.rejects(spa.ask(tokens), /jkt/);
    await assert.rejects(spa.refresh(tokens), { error: "invalid_grant" });
    spa.key = undefined;
    await assert.rejects(spa.ask(tokens), /the scheme is Bearer/);
  });

  it("PAR: required, and a request_uri is good once", async () => {
    const { provider, spa } = await start({ par: true });
    await assert.rejects(spa.authorize(), { error: "invalid_request" });
    spa.pushes = true;
    assert.equal((await spa.signIn()).claims().sub, "ada");
    assert.deepEqual(provider.askedOf("pushed_authorization_request").map(({ status }) => status), [201]);
  });

  it("resource: a JWT for the API, which no other API and no userinfo takes; another resource is refused", async () => {
    const { provider, spa } = await start({}, "openid api:read");
    spa.resource = provider.api.origin;
    const tokens = await spa.signIn();
    const claims = JSON.parse(Buffer.from(tokens.access_token.split(".")[1], "base64url"));
    assert.deepEqual([claims.aud, claims.scope, claims.iss], [provider.api.origin, "api:read", provider.issuer]);
    assert.equal((await spa.ask(tokens)).scope, "api:read");
    assert.equal((await spa.ask(await spa.refresh(tokens))).sub, "ada");
    await assert.rejects(spa.userInfo(tokens));
    spa.resource = "https://other.example.com";
    await assert.rejects(spa.signIn(), { error: "invalid_target" });
  });

  it("max_age: auth_time stands in the ID token, and an older authentication is asked for again", async () => {
    const { provider, spa } = await start();
    const first = await spa.signIn({ max_age: "1000" });
    provider.forget();
    assert.equal((await spa.signIn({ max_age: "1000" })).claims().auth_time, first.claims().auth_time);
    assert.equal(provider.logins, 0);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    assert.ok((await spa.signIn({ max_age: "1" })).claims().auth_time > first.claims().auth_time);
    assert.equal(provider.logins, 1);
  });

  it("prompt=none without a session: login_required; the answer names its issuer, as does a refusal by the user", async () => {
    const { spa } = await start({ login: "button" });
    await assert.rejects(spa.authorize({ prompt: "none" }), { error: "login_required" });
    await assert.rejects(spa.authorize({}, { click: "cancel" }), { error: "access_denied" });
    const { url } = await spa.authorize({}, { click: "sign-in" });
    assert.equal(url.searchParams.get("iss"), spa.provider.issuer);
    assert.equal((await spa.authorize({ prompt: "none" })).url.searchParams.has("code"), true, "now there is one");
  });

  it("offline_access: asked for with consent only", async () => {
    const { spa } = await start({ offlineAccess: true }, "openid offline_access");
    assert.equal((await spa.signIn()).refresh_token, undefined);
    assert.equal(typeof (await spa.signIn({ prompt: "consent" })).refresh_token, "string");
  });

  it("revocation ends the family; end-session ends the session and goes home with the state, and tokens outlive it", async () => {
    const { provider, spa } = await start();
    const first = await spa.signIn();
    await client.tokenRevocation(spa.config, first.refresh_token);
    assert.equal(provider.revoked.length, 1);
    await assert.rejects(spa.refresh(first), { error: "invalid_grant" });

    const second = await spa.signIn({ prompt: "none" });
    const home = await spa.endSession(second, "a-state");
    assert.deepEqual([home.origin + home.pathname, home.searchParams.get("state")], [CALLBACK, "a-state"]);
    await assert.rejects(spa.signIn({ prompt: "none" }), { error: "login_required" });
    await spa.refresh(second);
  });

  it("faults: what is held waits, what is refused is not done, and an answer that is lost was given all the same", async () => {
    const { provider, spa } = await start();
    provider.faults.add({ path: "/token", holds: true });
    const signingIn = spa.signIn();
    await provider.faults.arrival("/token");
    assert.deepEqual(provider.exchanges, []);
    provider.faults.release();
    const tokens = await signingIn;
    provider.faults.add({ path: "/token", times: 1, loses: true });
    await assert.rejects(spa.refresh(tokens));
    assert.deepEqual(provider.refreshes, ["ok"]);
    provider.faults.add({ path: "/token", times: 1, status: 503 });
    await assert.rejects(spa.refresh(tokens));
    assert.deepEqual(provider.refreshes, ["ok"]);
    await assert.rejects(spa.refresh(tokens), { error: "invalid_grant" }, "spent with the lost answer");
  });
});
