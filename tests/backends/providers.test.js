import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { removePackageDir } from "../e2e/harness/package-dir.js";
import { request } from "../e2e/harness/http.js";
import { ClientOfOthers } from "../e2e/harness/oidc/client-of-others.js";
import { until } from "../e2e/harness/until.js";
import { API, APP } from "./harness/front.js";
import { PROVIDERS } from "./harness/providers.js";
import { atServer, onStage, open } from "./harness/stage.js";

const FILTER = process.env.HALLPASS_BACKENDS_FILTER ?? "";
const chosen = (rows) => rows.filter(({ name, folder }) => `${name} ${folder}`.includes(FILTER));

/* Authorization servers in other languages: in plain Node by a client that was not written here, and in Chromium by the package. */

describe("authorization servers", () => {
  after(() => removePackageDir());

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

    it(`OIDC-7: ${row.name}: the package signs in there, renews itself in time, outlives reloads, and signs out`, { timeout: 120_000 }, () =>
      onStage(row, async (page, front) => {
        const session = () => page.run(() => window.backend.auth.session);
        const isLetIn = async () => {
          const { status, username } = await page.run(async (url) => {
            const response = await window.backend.auth.fetch(url);
            return { status: response.status, ...(await response.json()) };
          }, API + row.profile);
          assert.deepEqual([status, username], [200, "ada"]);
        };
        assert.equal((await session()).status, "signed-out");
        await page.fire(() => window.backend.auth.signInRedirect({ returnTo: "/later" }));
        await until("signed in", () =>
          page.run(() => window.backend?.auth.session.status === "signed-in").catch(() => false),
        );
        assert.equal(await page.run(async () => (await window.backend.callback).returnTo), "/later");
        assert.equal(await page.url(), `${APP}/`);
        assert.equal((await session()).profile.given_name, "Ada");
        await isLetIn();

        const token = new URL(`${row.issuer}/token/`).pathname;
        const refreshes = () => front.callsTo(token).filter(({ body }) => body.includes("grant_type=refresh_token"));
        await until("it has renewed itself twice", () => refreshes().length >= 2);
        await isLetIn();
        await open(page);
        await page.until("the session is known", () => window.backend.auth.session.status !== "loading");
        await isLetIn();
        await page.run(() => window.backend.auth.signOut());
        assert.deepEqual([...new Set(front.callsTo(token).map(({ status }) => status))], [200]);
        const sent = refreshes().map(({ body }) => new URLSearchParams(body).get("refresh_token"));
        assert.equal(new Set(sent).size, row.rotates ? sent.length : 1);
        assert.deepEqual(front.callsTo(new URL(row.revocation).pathname).map(({ status }) => status), [200]);
        assert.deepEqual(front.callsTo(row.profile).filter(({ status }) => status !== 200), []);
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
