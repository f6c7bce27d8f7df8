import { createAuth, decodeToken, load } from "hallpass";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { jwtDecode } from "jwt-decode";

import { createClient, decode } from "./by-hand.js";
import { reporting } from "./report.js";
import { SIZES, tokenOf } from "./token.js";

const { network } = window;
/** Rounds of every comparison: everybody has a turn in each, the middle one counts. */
const ROUNDS = 9;
const TOKEN = tokenOf(800);
const REFRESH = `${location.origin}/token`;

reporting(async () => {
  await load();
  const decoded = [];
  for (const size of SIZES) decoded.push(await decoders(tokenOf(size)));
  return [await tokens(), await fetches(), ...decoded, await waiting(1_000), await waiting(10_000)];
});

/** The access token while it is good. */
async function tokens() {
  const auth = await signedIn();
  const client = byHand();
  check((await auth.token()) === (await client.getToken()), "both have the token");
  return compare("token()", 20_000, {
    "by hand": async (times) => {
      for (let n = 0; n < times; n++) await client.getToken();
    },
    hallpass: async (times) => {
      for (let n = 0; n < times; n++) await auth.token();
    },
  }, auth);
}

/** A request with the token, over a network that answers at once. */
async function fetches() {
  const auth = await signedIn();
  const client = byHand();
  const url = "/api/items?page=2";
  for (const send of [auth.fetch, client.fetch]) {
    await send(url);
    check(new Headers(network.sent.headers).get("Authorization") === `Bearer ${TOKEN}`, "the token went along");
  }
  const many = (send) => async (times) => {
    for (let n = 0; n < times; n++) await send(url);
  };
  return compare("fetch(), network answers at once", 4_000, {
    "by hand": many(client.fetch),
    hallpass: many(auth.fetch),
    "no token at all": many((input) => fetch(input)),
  }, auth);
}

/** The claims of a token. hallpass reads and checks the header as well. */
function decoders(token) {
  const claims = JSON.stringify(decode(token));
  for (const read of [(token) => decodeToken(token).claims, decodeJwt, jwtDecode]) {
    check(JSON.stringify(read(token)) === claims, "all read the same");
  }
  const many = (read) => (times) => {
    for (let n = 0; n < times; n++) read(token);
  };
  return compare(`decodeToken(), ${token.length} bytes`, Math.ceil(3_000_000 / (token.length + 500)), {
    "jose, claims": many((token) => decodeJwt(token)),
    "jose, header and claims": many((token) => [decodeProtectedHeader(token), decodeJwt(token)]),
    "jwt-decode, claims": many((token) => jwtDecode(token)),
    "by hand, claims": many(decode),
    "hallpass, header and claims": many(decodeToken),
  });
}

/** So many callers need a fresher token at once: one call of the endpoint serves them all. */
async function waiting(callers) {
  const together = async (ask, times) => {
    for (let n = 0; n < times; n++) {
      network.calls = 0;
      network.tokens = answer;
      const got = await Promise.all(Array.from({ length: callers }, ask));
      network.tokens = undefined;
      check(network.calls === 1, `one refresh, not ${network.calls}`);
      check(got.every((token) => token === TOKEN), "nobody is forgotten");
    }
  };
  const fresh = new Map();
  return compare(`${callers.toLocaleString("en")} callers wait for one refresh`, 1, {
    "by hand": (times) => together(() => fresh.get("client").getToken(3_000), times),
    hallpass: (times) => together(() => fresh.get("auth").token({ minValiditySeconds: 3_000 }), times),
  }, undefined, async () => {
    // A manager for each round: one that refreshed a minute long without need would be stopped as a loop.
    fresh.get("auth")?.close();
    fresh.set("auth", await signedIn(600));
    fresh.set("client", byHand(600));
  });
}

/** Measures in turns; gives nanoseconds for each, the median of all rounds. */
async function compare(title, times, contestants, auth, before = () => undefined) {
  const measured = new Map(Object.keys(contestants).map((name) => [name, []]));
  for (let round = -2; round < ROUNDS; round++) {
    await before();
    for (const [name, run] of Object.entries(contestants)) {
      const begin = performance.now();
      await run(times);
      const end = performance.now();
      if (round >= 0) measured.get(name).push(((end - begin) * 1e6) / times);
    }
  }
  auth?.close();
  const results = [...measured].map(([name, rounds]) => ({ name, nanos: rounds.sort((a, b) => a - b)[ROUNDS >> 1] }));
  return { title, results };
}

async function signedIn(seconds = 3_600) {
  const auth = createAuth({ name: `bench-${Math.random()}`, storage: "memory", refresh: REFRESH, schedule: { proactive: false } });
  await auth.ready;
  await auth.accept({ accessToken: TOKEN, refreshToken: "r", expiresIn: seconds });
  return auth;
}

function byHand(seconds = 3_600) {
  const client = createClient(REFRESH, location.origin);
  client.keep({ ...answer(), expires_in: seconds });
  return client;
}

function answer() {
  return { access_token: TOKEN, refresh_token: "r", expires_in: 3_600, token_type: "Bearer" };
}

function check(is, what) {
  if (!is) throw new Error(`not true: ${what}`);
}
