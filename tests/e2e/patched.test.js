import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { tokenAnswer } from "./harness/jwt.js";
import { suite } from "./harness/suite.js";

/*
 * What a script sees that replaces built-ins after the package was loaded: the table of SECURITY.md, which is read here.
 * Every function that can be reached from the global object is replaced, not only those that the table names.
 */

suite("patched built-ins", (test) => {
  const settings = {
    "as it is by default": {},
    "with forms, and a store for all tabs": { encoding: "form", storage: "local" },
    "with tokens in memory, asked of a sibling": { storage: "memory" },
  };
  for (const [name, given] of Object.entries(settings)) {
    test(`no built-in that is replaced after loading sees a token, ${name} (SEC-43)`, async (world) => {
      const { seen, patched } = await run(world, given);
      assert.deepEqual(seen, []);
      const table = await readTable();
      for (const name of table.map(({ name }) => name)) assert.ok(patched.includes(name), `${name} is among what was replaced`);
    });
  }

  test("nor one that is replaced when the package is there and its core is still to come (SEC-43)", async (world) => {
    const { seen } = await run(world, {}, { isEarly: true });
    assert.deepEqual(seen, []);
  });

  test("what the table says is seen is seen, where the application calls it or a token comes in the address (SEC-43)", async (world) => {
    const { seen } = await run(world, { redirect: { url: "https://login.test/", accept: ["fragment-params"], stateParam: null } }, { isApplication: true });
    const table = await readTable();
    assert.ok(table.length >= 30 && table.some(({ isSeen }) => isSeen));
    for (const { name, isSeen } of table) if (isSeen) assert.ok(seen.includes(name), `${name} sees a token`);
  });
});

async function run(world, { encoding, ...options }, when = {}) {
  const [server] = await world.origins();
  const { answer, refused } = marked();
  server.on("POST /auth", () => ({ json: answer() }));
  server.on("POST /token", () => ({ json: answer() }));
  server.on("POST /sign-out", () => ({ json: {} }));
  server.on("* /data", () => ({ json: {} }));
  server.on("* /refused", refused);
  const page = world.packagePage(server);
  await page.goto(`${server.origin}/patched.html`);
  const endpoint = (url) => ({ url, ...(encoding && { encoding }) });
  const outcome = await page.run((options, when) => window.patched.run(options, when), {
    signIn: endpoint("/auth"),
    refresh: endpoint("/token"),
    signOut: { ...endpoint("/sign-out"), bearer: true },
    tabs: "shared",
    ...options,
  }, when);
  assert.ok(server.callsTo("/data").every(({ headers }) => headers.authorization?.includes("CANARYCANARY")), "the requests carried the token");
  assert.equal(server.callsTo("/refused").length, 4, "both were sent twice");
  assert.ok(server.callsTo("/token").length >= 4);
  return outcome;
}

/** Tokens with the mark in them that the page looks for. */
function marked() {
  let count = 0;
  const answer = () => {
    count += 1;
    const { access_token, ...rest } = tokenAnswer({ refreshToken: `refresh-CANARYCANARY-${count}` });
    return { ...rest, access_token: access_token.replace(/[^.]+$/, `CANARYCANARY${count}`) };
  };
  return { answer, refused: (_call, nth) => (nth % 2 === 1 ? { status: 401, headers: { "WWW-Authenticate": 'Bearer error="invalid_token"' } } : { json: {} }) };
}

/** The rows of the table in SECURITY.md: a built-in, or several, and whether it sees a token. */
async function readTable() {
  const text = await readFile(new URL("../../SECURITY.md", import.meta.url), "utf8");
  const [, part] = /## Built-ins replaced after loading\n([^]*?)\n## /.exec(text) ?? assert.fail("SECURITY.md has no such part");
  const rows = [...part.matchAll(/^\| (`.*?) \| (yes|no) \|/gm)];
  return rows.flatMap(([, names, seen]) => [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => ({ name, isSeen: seen === "yes" })));
}
