import assert from "node:assert/strict";
import { PackagePage } from "./harness/package-page.js";
import { tokenAnswer } from "./harness/jwt.js";
import { suite } from "./harness/suite.js";

/*
 * A transfer of Alice's is held by the server until Bob is signed in: it must not be sent again as Bob's. The harness
 * server says which token came with which body.
 */

const CLIENTS = ["fetch", "axios:xhr", "axios:fetch"];

suite("whose request, whose session", (test) => {
  for (const client of CLIENTS) {
    test(`${client}: a 401 of Alice's stands when Bob is here, with JWTs and with opaque tokens (SEC-38)`, async (world) => {
      const bank = await openBank(world);
      const page = await world.packagePage(bank.server).open({ refresh: "/token" });
      for (const as of [jwts, opaque]) {
        await page.accept(as("alice"));
        await page.run(startTransfer, client, "alice pays");
        await bank.arrived(1);
        await page.run(() => window.auth.signOut());
        await page.accept(as("bob"));
        bank.release();
        assert.equal(await page.run(() => window.transfer), 401);
        assert.deepEqual(bank.transfers(), [["alice", "alice pays"]]);
        assert.equal((await page.session()).status, "signed-in", "Bob still is");
        assert.equal(bank.server.callsTo("/token").length, 0, "nobody's token was renewed for it");
        bank.hold();
      }
    });

    test(`${client}: and so when Bob has signed in in another tab (SEC-38)`, async (world) => {
      const bank = await openBank(world);
      const options = { refresh: "/token", storage: "local", tabs: "shared" };
      const page = await world.packagePage(bank.server).open(options);
      await page.accept(opaque("alice"));
      await page.run(startTransfer, client, "alice pays");
      await bank.arrived(1);
      const other = await new PackagePage(world.browser, (await world.newPage()).handle, bank.server.origin).open(options);
      await other.accept(opaque("bob"));
      await page.until("it is Bob's, too", async () => (await window.auth.token().catch(() => "")) === "bob");
      bank.release();
      assert.equal(await page.run(() => window.transfer), 401);
      assert.deepEqual(bank.transfers(), [["alice", "alice pays"]]);
    });

    test(`${client}: what waits for Alice's token leaves without one (SEC-38)`, async (world) => {
      const bank = await openBank(world);
      bank.release();
      bank.server.on("POST /token", () => new Promise(() => undefined));
      const page = await world.packagePage(bank.server).open({ refresh: "/token" });
      await page.accept({ ...jwts("alice"), expires_in: 0 });
      await page.run(startTransfer, client, "alice pays");
      while (bank.server.callsTo("/token").length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      await page.accept(jwts("bob"));
      assert.equal(await page.run(() => window.transfer), 401);
      assert.deepEqual(bank.transfers(), [[undefined, "alice pays"]]);
    });

    test(`${client}: without a way to refresh, a 401 ends the session (REL-18)`, async (world) => {
      const bank = await openBank(world);
      bank.release();
      const page = await world.packagePage(bank.server).open({});
      await page.accept(opaque("alice"));
      await page.run(startTransfer, client, "alice pays");
      assert.equal(await page.run(() => window.transfer), 401);
      assert.deepEqual(await page.session(), { status: "signed-out", reason: "rejected" });
      assert.equal(bank.transfers().length, 1);
    });
  }

  test("of two sign-ins the one that was begun last stands, and the other one leaves no cookie (SEC-38)", async (world) => {
    const [server] = await world.origins();
    let answerAlice;
    const late = new Promise((resolve) => (answerAlice = resolve));
    server.on("POST /sign-in", async ({ body }) => {
      const { user } = JSON.parse(body);
      if (user === "alice") await late;
      return { json: jwts(user), headers: { "Set-Cookie": `who=${user}; Path=/; Secure; SameSite=None` } };
    });
    server.on("GET /who", ({ headers }) => ({ json: headers.cookie ?? "" }));
    const page = await world.packagePage(server).open({ signIn: "/sign-in", refresh: { url: "/token", refreshToken: "cookie" } });
    const outcome = await page.run(async () => {
      const alice = window.auth.signIn({ user: "alice" }).then(() => "signed in", (error) => error.code);
      const bob = window.auth.signIn({ user: "bob" }).then(() => "signed in", (error) => error.code);
      return [await alice, await bob];
    });
    assert.deepEqual(outcome, ["signed_out", "signed in"]);
    answerAlice();
    await page.quiet(`${server.origin}/sign-in`);
    assert.equal((await page.session()).claims.sub, "bob");
    const cookie = await page.run(async () => (await fetch("/who")).json());
    assert.ok(!cookie.includes("alice"), cookie);
  });
});

/** Run in the page: `window.transfer` is the status of its answer. */
function startTransfer(client, body) {
  const send = async () => {
    if (client === "fetch") return window.auth.fetch("/transfer", { method: "POST", body });
    return window.client.post("/transfer", body, { adapter: client.split(":")[1], validateStatus: () => true });
  };
  window.transfer = send().then((answer) => answer.status);
}

const jwts = (user) => tokenAnswer({ sub: user, jti: user });
const opaque = (user) => ({ access_token: user, refresh_token: `${user}-refresh`, expires_in: 300 });

/** A server that takes no transfer at all, and holds its answers until it is told to give them. */
async function openBank(world) {
  const [server] = await world.origins();
  let release;
  let held;
  const bank = {
    server,
    hold() {
      server.calls = [];
      held = new Promise((resolve) => (release = resolve));
    },
    release: () => release(),
    async arrived(count) {
      while (server.callsTo("/transfer").length < count) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    transfers: () => server.callsTo("/transfer").map(({ headers, body }) => [nameOf(headers.authorization), String(body)]),
  };
  bank.hold();
  server.on("POST /transfer", async () => {
    await held;
    return { status: 401 };
  });
  server.on("POST /token", () => ({ json: jwts("renewed") }));
  return bank;
}

function nameOf(authorization) {
  const token = /^Bearer (.*)$/.exec(authorization ?? "")?.[1];
  if (!token?.includes(".")) return token;
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url")).jti;
}
