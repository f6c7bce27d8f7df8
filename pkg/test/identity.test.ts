import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type * as Hallpass from "../src/index.js";
import { Api, CLIENTS, openWorld, pause, type Client, type World } from "./clients.js";

/* Whose request, whose session: a server that holds requests until another user has signed in. */

describe("a request belongs to the session in which it was made", () => {
  let world: World;
  let bank: Api;

  before(async () => {
    bank = await new Api().open();
    world = await openWorld(`${bank.origin}/app/`);
  });
  beforeEach(() => {
    bank.reset();
  });
  after(() => {
    world.close();
    bank.close();
  });

  function open(refresh?: Hallpass.AuthOptions["refresh"]): Hallpass.Auth {
    return world.hallpass.createAuth({ origins: [bank.origin], storage: "memory", ...(refresh === undefined ? {} : { refresh }) });
  }

  const transfer = (client: Client | undefined, auth: Hallpass.Auth, body: string): Promise<number> =>
    (client ?? assert.fail()).send(auth, { url: `${bank.origin}/transfer`, body });

  for (const [index, name] of CLIENTS.entries()) {
    for (const tokens of ["JWTs", "opaque tokens"]) {
      const token = (owner: string): string => (tokens === "JWTs" ? jwt(owner) : owner);

      test(`a 401 of Alice's stands when Bob is here: ${name}, ${tokens} (SEC-38)`, async () => {
        const client = world.clients[index];
        for (const signsOut of [true, false]) {
          bank.reset();
          bank.good.add(token("bob"));
          bank.hold();
          const auth = open(() => Promise.resolve({ accessToken: token("alice2") }));
          await auth.accept({ accessToken: token("alice") });
          const answer = transfer(client, auth, "alice pays");
          await bank.arrived(1);
          if (signsOut) await auth.signOut();
          await auth.accept({ accessToken: token("bob") });
          bank.release();
          assert.equal(await answer, 401);
          assert.deepEqual(bank.seen.map((one) => one.body), ["alice pays"]);
          assert.deepEqual(bank.tokens, [token("alice")]);
          assert.equal(await transfer(client, auth, "bob pays"), 200);
          auth.close();
        }
      });
    }

    test(`what waits for Alice's token leaves without one when Bob is here: ${name} (SEC-38)`, async () => {
      bank.good.add(jwt("bob"));
      const auth = open(() => new Promise(() => undefined));
      await auth.accept({ accessToken: jwt("alice"), expiresIn: 0 });
      const answer = transfer(world.clients[index], auth, "alice pays");
      const header = assert.rejects(auth.authorization(bank.origin), { code: "signed_out" });
      await pause(20);
      await auth.accept({ accessToken: jwt("bob") });
      assert.equal(await answer, 401);
      assert.deepEqual([bank.tokens, bank.seen.map((one) => one.body)], [[undefined], ["alice pays"]]);
      await header;
      auth.close();
    });
  }

  test("a body that cannot be sent twice: the 401 comes back, and ends the session all the same (REL-18)", async () => {
    const auth = open();
    await auth.accept({ accessToken: "opaque" });
    const body = new Blob(["once"]).stream();
    const answer = await auth.fetch(`${bank.origin}/transfer`, { method: "POST", body, duplex: "half" } as RequestInit);
    assert.equal(answer.status, 401);
    await pause(5);
    assert.deepEqual(auth.session, { status: "signed-out", reason: "rejected" });
    auth.close();
  });

  test("what is asked before the core is there is handled before a sign-in that comes after it (SEC-38)", async () => {
    bank.good.add(jwt("bob"));
    const auth = open();
    const early = auth.fetch(`${bank.origin}/transfer`, { method: "POST", body: "nobody pays" });
    const header = assert.rejects(auth.authorization(bank.origin), { code: "signed_out" });
    const signIn = auth.accept({ accessToken: jwt("bob") });
    assert.equal((await early).status, 401);
    await header;
    await signIn;
    assert.deepEqual([bank.tokens, bank.seen.map((one) => one.body)], [[undefined], ["nobody pays"]]);
    auth.close();
  });
});

const EXPIRES = Math.floor(Date.now() / 1000) + 3_600;

function jwt(jti: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256" })}.${part({ jti, sub: jti.replace(/\d/g, ""), exp: EXPIRES })}.c2ln`;
}
