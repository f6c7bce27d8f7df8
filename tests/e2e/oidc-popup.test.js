import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { oidcStage } from "./harness/oidc/stage.js";
import { suite } from "./harness/suite.js";

/*
 * Sign-in in a window of its own. The page that asked stays; nobody sends window messages, so it does not matter whether
 * one of both sides has cut the windows apart (Cross-Origin-Opener-Policy).
 */

const SEVERED = { "Cross-Origin-Opener-Policy": "same-origin" };
const BY_BUTTON = { login: "button" };

suite("sign-in by popup", (test) => {
  for (const { name, settings } of [
    { name: "no policy", settings: { server: BY_BUTTON } },
    { name: "the application severs its windows", settings: { server: BY_BUTTON, headers: SEVERED } },
    { name: "the provider severs its windows", settings: { server: { ...BY_BUTTON, openerPolicy: "same-origin" } } },
    { name: "both do", settings: { server: { ...BY_BUTTON, openerPolicy: "same-origin" }, headers: SEVERED } },
  ]) {
    test(`OIDC-10: ${name}: signed in where it was asked for, the popup closes itself, the page was never left (SEC-18)`, async (world) => {
      const { page, provider, api } = await oidcStage(world, settings);
      await page.open();
      await page.run(() => (window.isTheSame = true));
      const popup = await page.openPopup();
      await popup.providersPage();
      // Longer than a severed window takes to look closed.
      await sleep(1_500);
      assert.deepEqual(await page.run(() => [window.auth.session.status, Object.keys(sessionStorage).filter((key) => key.includes("pending"))]), ["signed-out", []]);
      await popup.press("sign-in");
      assert.equal(await page.popupOutcome(), "signed-in");
      await page.untilAlone();
      assert.deepEqual([await page.run(() => window.isTheSame), await page.url()], [true, page.address]);
      assert.equal((await page.ask(`${api.origin}/data`)).status, 200);
      assert.deepEqual(provider.exchanges, ["ok"]);
      assert.deepEqual(await page.run(() => window.messages), []);
      await page.refresh();
      // Takes over what the popup has seen: nothing may have gone wrong in there.
      await page.reload();
      assert.equal((await page.session()).status, "signed-in");
    });
  }

  test("OIDC-10: closed by the user: popup_closed, signed out, and the next one works", async (world) => {
    const { page, provider } = await oidcStage(world, { server: BY_BUTTON });
    await page.open();
    const popup = await page.openPopup();
    await popup.providersPage();
    await sleep(1_500);
    await popup.close();
    const { error } = await page.popupOutcome();
    assert.equal(error, "popup_closed");
    assert.deepEqual([(await page.session()).status, provider.exchanges], ["signed-out", []]);
    await (await page.openPopup()).press("sign-in");
    assert.equal(await page.popupOutcome(), "signed-in");
    await page.untilAlone();
  });

  test("OIDC-10: blocked: popup_blocked, and nothing is left of it", async (world) => {
    const { page, provider } = await oidcStage(world, { without: ["popups"] });
    await page.open();
    const error = await page.errorOf(() => window.auth.signInPopup());
    assert.equal(error.code, "popup_blocked");
    assert.deepEqual([(await page.session()).status, provider.askedOf("authorization")], ["signed-out", []]);
    assert.deepEqual(await page.run(() => Object.keys(sessionStorage).filter((key) => key.includes("pending"))), []);
  });

  test("OIDC-10: the user says no: callback_error with access_denied, the popup closes itself", async (world) => {
    const { page } = await oidcStage(world, { server: BY_BUTTON });
    await page.open();
    await (await page.openPopup()).press("cancel");
    const { error, oauthError } = await page.popupOutcome();
    assert.deepEqual([error, oauthError], ["callback_error", "access_denied"]);
    await page.untilAlone();
  });

  test("OIDC-10: two tabs at once: each popup serves the tab that asked", async (world) => {
    const { page, provider, newPage } = await oidcStage(world, { server: BY_BUTTON });
    await page.open();
    const other = await (await newPage()).open();
    const [first, second] = [await page.openPopup(), await other.openPopup()];
    await second.press("sign-in");
    assert.equal(await other.popupOutcome(), "signed-in");
    assert.equal((await page.session()).status, "signed-out");
    await first.press("sign-in");
    assert.equal(await page.popupOutcome(), "signed-in");
    await page.untilAlone(2);
    for (const tab of [page, other]) assert.equal((await tab.refresh()).status, "signed-in");
    assert.deepEqual([provider.exchanges, provider.revoked], [["ok", "ok"], []]);
  });

  test("OIDC-10: with DPoP: the key is the opener's", async (world) => {
    const { page, provider, api } = await oidcStage(world, { server: { dpop: true }, provider: { dpop: true } });
    await page.open();
    await page.askForPopup();
    assert.equal(await page.popupOutcome(), "signed-in");
    await page.untilAlone();
    assert.equal((await page.ask(`${api.origin}/data`)).status, 200);
    await page.refresh();
    await page.reload();
    assert.equal((await page.ask(`${api.origin}/data`)).status, 200);
    assert.equal(provider.refreshes.at(-1), "ok");
  });

  test("OIDC-10: the metadata cannot be had: provider_unavailable, and no empty window stays", async (world) => {
    const { page, provider } = await oidcStage(world);
    provider.faults.add({ path: "/.well-known/openid-configuration", status: 503 });
    await page.open();
    await page.askForPopup();
    const { error, retryable } = await page.popupOutcome();
    assert.deepEqual([error, retryable], ["provider_unavailable", true]);
    await page.untilAlone();
  });
});
