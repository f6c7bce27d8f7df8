import assert from "node:assert/strict";
import { calculateJwkThumbprint } from "jose";
import { oidcStage } from "./harness/oidc/stage.js";
import { suite } from "./harness/suite.js";
import { until } from "./harness/until.js";

/* Tokens that are bound to a key (RFC 9449), with servers that ask for nonces. Each proof is verified by them. */

const DPOP = { server: { dpop: true }, provider: { dpop: true } };

suite("DPoP", (test) => {
  test("OIDC-8: sign-in, requests, refresh: one key, announced in the request, a new proof each time, nonces learnt", async (world) => {
    const { page, provider, api } = await signedIn(world);
    const key = await thumbprint(provider.askedOf("token")[0].proof);
    assert.equal(provider.askedOf("authorization")[0].query.dpop_jkt, key);
    assert.deepEqual([provider.exchanges, provider.tokens.token_type], [["use_dpop_nonce", "ok"], "DPoP"]);

    for (let time = 0; time < 3; time += 1) assert.equal((await page.ask(`${api.origin}/data?time=${time}`)).status, 200);
    assert.deepEqual(api.statuses("/data"), [401, 200, 200, 200], "the nonce is asked for once");
    await page.refresh();
    assert.deepEqual(provider.refreshes, ["ok"]);

    const proofs = [...provider.askedOf("token"), ...api.calls].map(({ proof }) => proof);
    assert.equal(new Set(proofs.map(({ payload }) => payload.jti)).size, proofs.length);
    for (const { header, payload } of proofs) {
      assert.deepEqual([header.typ, header.alg, Object.keys(header.jwk).sort()], ["dpop+jwt", "ES256", ["crv", "kty", "x", "y"]]);
      assert.equal(await thumbprint({ header }), key);
      assert.doesNotMatch(payload.htu, /[?#]/);
    }
  }, { quick: true });

  for (const client of ["fetch", "axios:xhr", "axios:fetch", "headers"]) {
    test(`OIDC-8: ${client}: the scheme DPoP and a proof for this one request; a new nonce is answered once more and is no refresh`, async (world) => {
      const { page, provider, api } = await signedIn(world);
      // What `auth.headers` gives is sent by the application: it learns a nonce from the answers that the package sees.
      if (client === "headers") await page.ask(`${api.origin}/data`);
      api.forget();
      for (const method of ["GET", "POST"]) assert.equal((await page.ask(`${api.origin}/data`, { client, method })).status, 200);
      if (client !== "headers") {
        api.changeNonce();
        assert.equal((await page.ask(`${api.origin}/data`, { client })).status, 200);
      }
      const expected = client === "headers" ? [200, 200] : [401, 200, 200, 401, 200];
      assert.deepEqual([api.statuses("/data"), provider.refreshes], [expected, []]);
      assert.deepEqual([...new Set(api.calls.map(({ scheme }) => scheme))], ["DPoP"]);
    });

    if (client === "headers") continue;
    test(`OIDC-8: ${client}: a 401 is one refresh, and the request once more with a new proof`, async (world) => {
      const { page, provider, api } = await signedIn(world);
      await page.ask(`${api.origin}/data`, { client });
      api.refuseIssuedTokens();
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      api.forget();
      assert.equal((await page.ask(`${api.origin}/data`, { client })).status, 200);
      assert.deepEqual([api.statuses("/data"), provider.refreshes], [[401, 200], ["ok"]]);
      const [first, second] = api.calls.map(({ proof }) => proof.payload);
      assert.notEqual(first.jti, second.jti);
      assert.notEqual(first.ath, second.ath);
    });
  }

  test("OIDC-8: auth.authorization alone is refused, and says why; for a URL that may not have the token all give null", async (world) => {
    const { page, api } = await signedIn(world);
    const error = await page.errorOf((url) => window.auth.authorization(url), `${api.origin}/data`);
    assert.equal(error.code, "invalid_option");
    assert.match(error.message, /headers/);
    const foreign = await page.run(async (url) => [await window.auth.authorization(url), await window.auth.headers(url)], "https://other.example.com/");
    assert.deepEqual(foreign, [null, null]);
    const headers = await page.run((url) => window.auth.headers(url), `${api.origin}/data`);
    assert.deepEqual(Object.keys(headers).map((name) => name.toLowerCase()).sort(), ["authorization", "dpop"]);
  });

  test("OIDC-8: after a reload the key is there, and cannot be exported; signed out it is gone (SEC-46)", async (world) => {
    const { page, provider, api } = await oidcStage(world, DPOP);
    await page.open();
    // Pages before this one were closed while their users were signed in.
    const others = (await keptKeys(page)).length;
    await page.signIn();
    provider.forget();
    await page.reload();
    assert.equal((await page.ask(`${api.origin}/data`)).status, 200);
    await page.refresh();
    assert.equal(provider.refreshes.at(-1), "ok");
    const keys = await keptKeys(page);
    assert.equal(keys.length, others + 1);
    for (const key of keys) assert.deepEqual(key, { type: "private", isExtractable: false });
    await page.run(() => window.auth.signOut());
    await until("the key is gone", async () => (await keptKeys(page)).length === others);
  });

  test("OIDC-8: the key is lost: the session cannot be used, and ends with reason storage", async (world) => {
    const { page } = await signedIn(world);
    await page.goto(`${new URL(page.address).origin}/hooks.js`);
    await page.run(async () => {
      for (const { name } of await indexedDB.databases()) {
        await new Promise((resolve, reject) => Object.assign(indexedDB.deleteDatabase(name), { onsuccess: resolve, onerror: reject }));
      }
    });
    await page.open();
    await page.untilStatus("signed-out");
    assert.deepEqual(await page.session(), { status: "signed-out", reason: "storage" });
  });

  test("OIDC-8: without IndexedDB the key is in memory: storage-degraded, and it works while the page lives", async (world) => {
    const { page, api } = await oidcStage(world, { ...DPOP, without: ["indexedDB"] });
    await page.open();
    // In a popup: no page is left, and with it the key.
    await page.askForPopup();
    assert.equal(await page.popupOutcome(), "signed-in");
    await page.untilAlone();
    assert.equal(typeof (await page.change("storage-degraded")).error.code, "string");
    assert.equal((await page.ask(`${api.origin}/data`)).status, 200);
  });

  test("OIDC-8: servers that ask for no nonce get proofs without one, at the first go", async (world) => {
    const { page, provider, api } = await signedIn(world, { server: { dpop: true, nonces: false } });
    assert.equal((await page.ask(`${api.origin}/data`)).status, 200);
    assert.deepEqual([provider.exchanges, api.statuses("/data"), api.calls[0].proof.payload.nonce], [["ok"], [200], undefined]);
  });

  test("OIDC-8: proofs go only where the token may go (SEC-46)", async (world) => {
    const { page, api } = await signedIn(world, { options: { origins: ["https://nobody.example.com"] } });
    assert.equal((await page.ask(`${api.origin}/data`)).status, 401);
    const [{ scheme, proof }] = api.calls;
    assert.deepEqual([scheme, proof], [undefined, null]);
  });
});

async function signedIn(world, settings) {
  const stage = await oidcStage(world, { ...DPOP, ...settings });
  await stage.page.open();
  await stage.page.signIn();
  return stage;
}

function thumbprint({ header }) {
  return calculateJwkThumbprint(header.jwk);
}

/** All private keys in the origin's databases, whatever these are called. */
const KEPT_KEYS = async () => {
  const found = [];
  const result = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }));
  const look = (value) => {
    if (value instanceof CryptoKey && value.type === "private") found.push({ type: value.type, isExtractable: value.extractable });
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(look);
    // A pair of keys has its members as getters.
    if (typeof value === "object" && value?.privateKey && !Object.hasOwn(value, "privateKey")) look(value.privateKey);
  };
  for (const { name } of await indexedDB.databases()) {
    const database = await result(indexedDB.open(name));
    for (const store of database.objectStoreNames) look(await result(database.transaction(store).objectStore(store).getAll()));
    database.close();
  }
  return found;
};

function keptKeys(page) {
  return page.run(KEPT_KEYS);
}
