import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, mock, test } from "node:test";
import { exportJWK, type JWK } from "jose";
import { createSigner, KeyServer, passes, refused, request, sign, verifierOf, type Signer } from "./server-world.js";

/* Where the keys come from: a real endpoint, and sets as providers have them. Only the date is moved. */

let server: KeyServer;
let [first, second, third] = [] as unknown as [Signer, Signer, Signer];
before(async () => {
  server = await new KeyServer().open();
  [first, second, third] = await Promise.all([createSigner("RS256", "2026-1"), createSigner("RS256", "2026-2"), createSigner("RS256", "2026-3")]);
});
beforeEach(() => {
  mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  [server.keys, server.trouble, server.asked] = [[first.jwk], undefined, 0];
});
afterEach(() => {
  mock.timers.reset();
});
after(() => {
  server.close();
});

const later = (seconds: number): void => {
  mock.timers.tick(seconds * 1000);
};

test("the set is fetched when it is first needed, once for all who wait, and kept for ten minutes", async () => {
  const verify = verifierOf(server.url);
  assert.equal(server.asked, 0);
  const token = await sign(first, { exp: 1_900_000_000 });
  await Promise.all(Array.from({ length: 20 }, () => passes(verify(request(token)))));
  assert.equal(server.asked, 1);
  later(599);
  await passes(verify(request(token)));
  assert.equal(server.asked, 1);
  later(2);
  await passes(verify(request(token)));
  assert.equal(server.asked, 2);
});

test("rotation: a new kid is asked for, keys overlap, and the old one ends with the set that lacks it", async () => {
  const verify = verifierOf(new URL(server.url));
  const of = (signer: Signer): Promise<string> => sign(signer, { exp: 1_900_000_000 });
  await passes(verify(request(await of(first))));
  server.keys = [first.jwk, second.jwk];
  later(31);
  await passes(verify(request(await of(second))));
  assert.equal(server.asked, 2);
  await passes(verify(request(await of(first))));
  server.keys = [second.jwk];
  later(601);
  await refused(verify(request(await of(first))), "unknown_key");
  await passes(verify(request(await of(second))));
});

test("tokens with made-up kids make it ask again every thirty seconds at most", async () => {
  const verify = verifierOf(server.url);
  await passes(verify(request(await sign(first))));
  for (let run = 0; run < 50; run++) await refused(verify(request(await sign({ ...first, kid: `made-up-${String(run)}` }))), "unknown_key");
  assert.equal(server.asked, 1);
  later(31);
  for (let run = 0; run < 50; run++) await refused(verify(request(await sign({ ...first, kid: `made-up-${String(run)}` }))), "unknown_key");
  assert.equal(server.asked, 2);
});

test("keys that cannot be had are no fault of the token: 503, and the next request asks again", async () => {
  const verify = verifierOf(server.url);
  const token = await sign(first);
  const trouble = [{ status: 500, body: "" }, { status: 404, body: "{}" }, { status: 302, body: "" }, { status: 200, body: "<html>" }, { status: 200, body: "{}" }, { status: 200, body: '{"keys":[1]}' }, { status: 200, body: "[]" }];
  for (const one of trouble) {
    server.trouble = one;
    const { response } = await refused(verify(request(token)), "keys_unavailable", JSON.stringify(one));
    assert.deepEqual([response.headers.get("Retry-After"), ((await response.json()) as { error: string }).error], ["5", "temporarily_unavailable"]);
  }
  server.trouble = undefined;
  await passes(verify(request(token)));
});

test("a provider that cannot be reached: the cause is there for the log, and not in the answer", async () => {
  const gone = await new KeyServer().open();
  const { url } = gone;
  gone.close();
  const error = await refused(verifierOf(url)(request(await sign(first))), "keys_unavailable");
  const cause = Object.getOwnPropertyDescriptor(error, "cause");
  assert.ok(cause?.value instanceof Error);
  assert.equal(cause.enumerable, false);
});

test("several keys of one kid: the one that made the signature counts, in any order, and none that does not fit", async () => {
  const named = (signer: Signer, kid: string): JWK => ({ ...signer.jwk, kid });
  const ec = await createSigner("ES256", "same");
  const broken = { kty: "RSA", n: "AQAB", e: "AQAB", kid: "same", alg: "RS256" };
  for (const set of [
    [named(first, "same"), named(second, "same")],
    [named(second, "same"), named(first, "same")],
    [ec.jwk, named(second, "same"), named(first, "same")],
    [broken, named(second, "same"), named(first, "same")],
  ]) {
    server.keys = set;
    for (const verify of [verifierOf(server.url), verifierOf({ keys: set })]) {
      for (const signer of [first, second]) await passes(verify(request(await sign({ ...signer, kid: "same" }))));
      await refused(verify(request(await sign({ ...third, kid: "same" }))), "signature_invalid");
      await refused(verify(request(await sign({ ...first, kid: "same" }, { exp: 1 }))), "token_expired", "its key has fitted");
      await refused(verify(request(await sign({ ...second, kid: "same" }, { aud: "x" }))), "audience_mismatch");
      await refused(verify(request(await sign({ ...first, kid: "other" }))), "unknown_key");
    }
  }
});

test("a set without kids: every key of the algorithm is tried", async () => {
  const verify = verifierOf({ keys: await Promise.all([first, second].map(({ publicKey }) => exportJWK(publicKey))) });
  for (const signer of [first, second]) await passes(verify(request(await sign(signer, {}, { kid: undefined }))));
  await refused(verify(request(await sign(third, {}, { kid: undefined }))), "signature_invalid");
});

test("keys that are not for this: of another algorithm, for encryption, symmetric, private", async () => {
  const symmetric = { kty: "oct", k: "A".repeat(43), kid: first.kid, alg: "HS256" };
  const sets: readonly (readonly [readonly JWK[], "unknown_key" | "keys_unavailable" | "signature_invalid"])[] = [
    [[{ ...first.jwk, alg: "RS512" }], "unknown_key"],
    [[{ ...first.jwk, use: "enc" }], "unknown_key"],
    [[{ ...first.jwk, key_ops: ["encrypt"] }], "unknown_key"],
    [[symmetric], "unknown_key"],
    [[{ ...first.jwk, d: "AAAA" }], "keys_unavailable"],
  ];
  for (const [set, code] of sets) {
    server.keys = set;
    await refused(verifierOf(server.url)(request(await sign(first))), code, JSON.stringify(Object.keys(set[0] ?? {})));
  }
});

test("what is given is copied: a set or a secret that is changed later changes nothing", async () => {
  const set = { keys: [{ ...first.jwk }] };
  const verify = verifierOf(set);
  Object.assign(set.keys[0] ?? {}, second.jwk);
  set.keys.push(third.jwk);
  await passes(verify(request(await sign(first))));
  await refused(verify(request(await sign(third))), "unknown_key");
});
