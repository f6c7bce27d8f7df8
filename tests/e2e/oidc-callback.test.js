import assert from "node:assert/strict";
import { oidcStage } from "./harness/oidc/stage.js";
import { suite } from "./harness/suite.js";

/* Callbacks that are not what was asked for: cleaned, refused, and the session stays as it was. */

suite("callbacks of a provider", (test) => {
  for (const { name, params, error, oauthError = null } of [
    { name: "another state", params: ({ issuer }) => ({ code: "made-up", state: "x".repeat(43), iss: issuer }), error: "callback_state_mismatch" },
    { name: "no state", params: ({ issuer }) => ({ code: "made-up", iss: issuer }), error: "callback_state_mismatch" },
    { name: "another issuer", params: ({ state }) => ({ code: "made-up", state, iss: "https://evil.example.com" }), error: "provider_mismatch" },
    { name: "no issuer, though the metadata announce one", params: ({ state }) => ({ code: "made-up", state }), error: "provider_mismatch" },
    { name: "an error of another issuer", params: ({ state }) => ({ error: "access_denied", state, iss: "https://evil.example.com" }), error: "provider_mismatch" },
    { name: "a parameter that comes twice", params: ({ state, issuer }) => [["code", "made-up"], ["code", "made-up-too"], ["state", state], ["iss", issuer]], error: "callback_malformed" },
    {
      name: "an error that is no code, with a description",
      params: ({ state, issuer }) => ({ error: "<img src=x onerror=alert(1)>", error_description: "Call 555-0100 at once", state, iss: issuer }),
      error: "callback_error",
    },
    { name: "a code that the provider does not know", params: ({ state, issuer }) => ({ code: "made-up", state, iss: issuer }), error: "sign_in_rejected", oauthError: "invalid_grant" },
  ]) {
    test(`OIDC-3: ${name}: ${error} (SEC-08, SEC-11)`, async (world) => {
      const { page, provider } = await standingAtTheLoginPage(world);
      const { state } = provider.askedOf("authorization")[0].query;
      await page.goto(`${page.address}?${new URLSearchParams(params({ state, issuer: provider.issuer }))}&keep=1#/route`);
      const callback = await page.back();
      assert.deepEqual([callback.error, callback.oauthError], [error, oauthError]);
      assert.equal(await page.url(), `${page.address}?keep=1#/route`, "foreign parameters and the route are kept");
      assert.equal((await page.session()).status, "signed-out");
      assert.deepEqual(provider.exchanges, error === "sign_in_rejected" ? ["invalid_grant"] : []);
      assert.ok(!JSON.stringify(await page.stores()).includes("555-0100"));
      // Whatever came, this sign-in is over: its state serves no second callback.
      await page.open(`?${new URLSearchParams({ code: "made-up-three", state, iss: provider.issuer })}`);
      const again = await page.run(() => window.callback);
      if (error !== "callback_state_mismatch") assert.equal(again.error, "callback_unsolicited");
    });
  }

  test("OIDC-3: a callback that was not asked for: callback_unsolicited, cleaned, a session that stands is not touched", async (world) => {
    const { page, provider } = await oidcStage(world);
    await page.open();
    await page.signIn();
    const record = await page.record();
    provider.forget();
    await page.open(`?${new URLSearchParams({ code: "of-an-attacker-with-an-account", state: "y".repeat(43), iss: provider.issuer })}`);
    assert.equal((await page.run(() => window.callback)).error, "callback_unsolicited");
    assert.deepEqual([await page.url(), await page.record()], [page.address, record]);
    assert.deepEqual(provider.faults.arrived, []);
    assert.equal((await page.refresh()).status, "signed-in");
  });

  test("OIDC-3: cleaning keeps history.state and the number of entries, and is done before the first await", async (world) => {
    const { page } = await oidcStage(world);
    await page.open();
    const outcome = await page.run(async () => {
      history.replaceState({ mine: 1 }, "", "?keep=1&code=made-up-of-some-length&state=abc#/route");
      const entries = history.length;
      const pending = window.auth.completeRedirect();
      const atOnce = location.search + location.hash;
      const error = await pending.catch(({ code }) => code);
      return { atOnce, error, state: history.state, grew: history.length - entries };
    });
    assert.deepEqual(outcome, { atOnce: "?keep=1#/route", error: "callback_unsolicited", state: { mine: 1 }, grew: 0 });
  });

  test("OIDC-3: the answer to the exchange is lost: sign_in_unavailable, and the code is not sent again", async (world) => {
    const { page, provider } = await oidcStage(world);
    provider.faults.add({ path: "/token", times: 1, loses: true });
    await page.open();
    const { error, retryable } = await page.tryToSignIn();
    assert.deepEqual([error, retryable], ["sign_in_unavailable", true]);
    assert.deepEqual([provider.exchanges, (await page.session()).status], [["ok"], "signed-out"]);
    // The next sign-in is a new one.
    await page.signIn();
  });

  test("OIDC-3: the exchange fails with 503: sign_in_unavailable, and signed out", async (world) => {
    const { page, provider } = await oidcStage(world);
    provider.faults.add({ path: "/token", times: 1, status: 503 });
    await page.open();
    assert.equal((await page.tryToSignIn()).error, "sign_in_unavailable");
    assert.equal((await page.session()).status, "signed-out");
  });
});

/** The sign-in is under way; the provider is waiting for the user. */
async function standingAtTheLoginPage(world) {
  const stage = await oidcStage(world, { server: { login: "button" } });
  await stage.page.open();
  await stage.page.leave();
  await stage.page.providersPage();
  return stage;
}
