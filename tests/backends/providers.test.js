import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { request } from "../e2e/harness/http.js";
import { ClientOfOthers } from "../e2e/harness/oidc/client-of-others.js";
import { API, APP } from "./harness/front.js";
import { PROVIDERS } from "./harness/providers.js";
import { atServer } from "./harness/stage.js";

const FILTER = process.env.HALLPASS_BACKENDS_FILTER ?? "";
const chosen = (rows) => rows.filter(({ name, folder }) => `${name} ${folder}`.includes(FILTER));

/* Authorization servers in other languages, in plain Node first: what a client that was not written here sees of them. */

describe("authorization servers", () => {
  for (const row of chosen(PROVIDERS)) {
    it(`${row.name}: discovery, code with PKCE, ID token, userinfo, refresh, revocation, end-session`, { timeout: 120_000 }, () =>
      atServer(row, async (front) => {
        const spa = await clientAt(row, front);
        const first = await spa.signIn();
        assert.equal(typeof first.claims().sub, "string");
        assert.equal((await spa.userInfo(first)).given_name, "Ada");
        assert.deepEqual(await spa.ask(first, new URL(row.profile, API)), { username: "ada", scope: row.scope });
        await assert.rejects(spa.ask({ access_token: "made-up" }, new URL(row.profile, API)), /401/);

        const second = await spa.refresh(first);
        assert.equal((await spa.ask(second, new URL(row.profile, API))).username, "ada");
        if (row.rotates) {
          assert.notEqual(second.refresh_token, first.refresh_token);
          await assert.rejects(spa.refresh(first), { error: "invalid_grant" });
          await assert.rejects(spa.refresh(second), { error: "invalid_grant" }, "the newest token died with its family");
        } else {
          assert.equal(second.refresh_token, first.refresh_token);
          assert.equal((await spa.ask(await spa.refresh(first), new URL(row.profile, API))).username, "ada");
        }

        const third = await spa.signIn();
        await revoke(spa, row, third.refresh_token);
        await assert.rejects(spa.refresh(third), { error: "invalid_grant" });

        const home = await spa.endSession(await spa.signIn(), "a-state");
        assert.deepEqual([home.origin, home.searchParams.get("state")], [APP, "a-state"]);
      }),
    );

    it(`${row.name}: no code without a challenge; the answer names its issuer; the page may read what it has to`, { timeout: 120_000 }, () =>
      atServer(row, async (front) => {
        const spa = await clientAt(row, front);
        await assert.rejects(spa.authorize({ code_challenge: null, code_challenge_method: null }), { error: "invalid_request" });
        const { url, checks } = await spa.authorize();
        assert.equal(url.searchParams.get("iss"), row.issuer);
        await assert.rejects(spa.exchange(url, { ...checks, pkceCodeVerifier: "another-verifier-of-at-least-43-characters-in-all" }), { error: "invalid_grant" });

        const { token_endpoint: token, userinfo_endpoint: userInfo } = spa.config.serverMetadata();
        for (const [address, headers] of [
          [`${row.issuer}/.well-known/openid-configuration`, {}],
          [token, {}],
          [userInfo, { "Access-Control-Request-Headers": "authorization" }],
        ]) {
          const { headers: got } = await request(address, { method: "OPTIONS", at: front.at, headers: { Origin: APP, "Access-Control-Request-Method": "GET", ...headers } });
          assert.ok(["*", APP].includes(got["access-control-allow-origin"]), address);
        }
      }),
    );
  }
});

function clientAt({ issuer, scope }, front) {
  return new ClientOfOthers({ issuer, clientId: "spa" }, { redirectUri: `${APP}/`, scope, at: front.at }).discover();
}

/** Their discovery document may not name the endpoint. */
async function revoke(spa, { revocation }, token) {
  const body = new URLSearchParams({ token, client_id: "spa" }).toString();
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  const { status } = await request(revocation, { method: "POST", headers, body, at: spa.at });
  assert.equal(status, 200);
}
