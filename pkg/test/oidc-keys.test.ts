import { IDBFactory } from "fake-indexeddb";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { keyDatabase } from "../src/oidc/key-database.js";
import { createKeys, type ProofKey } from "../src/oidc/keys.js";

/** What IndexedDB does, by a package that the platform's own tests are run against; keys are Node's WebCrypto's. */
const NAME = "hallpass:keys.default";
let degraded: number;
beforeEach(() => {
  Object.assign(globalThis, { indexedDB: new IDBFactory() });
  degraded = 0;
});

const open = (name: string | undefined = NAME, seconds = 600): ReturnType<typeof createKeys> => createKeys(name, seconds, () => degraded++);
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

async function verifies({ x, y }: ProofKey, text: string, signature: string): Promise<boolean> {
  const key = await crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x, y }, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, Buffer.from(signature, "base64url"), Buffer.from(text));
}

test("OIDC-8: a key is usable after a reload, in base64url, and its private half cannot be exported", async () => {
  const made = await open().make();
  const stored = await keyDatabase(NAME).get(made.name);
  assert.ok(stored?.pair.privateKey.extractable === false);
  await assert.rejects(crypto.subtle.exportKey("jwk", stored.pair.privateKey));

  const found = await open().get(made.name);
  assert.deepEqual([found?.x, found?.y], [made.x, made.y]);
  assert.match(made.name, /^[\w-]{22}$/);
  const signature = await (found as ProofKey).sign("header.payload");
  assert.match(signature, /^[\w-]{86}$/);
  assert.ok(await verifies(made, "header.payload", signature));
  assert.ok(!(await verifies(made, "header.other", signature)));
  assert.equal(degraded, 0);
});

test("OIDC-8: what is dropped is gone, here and after a reload; a name that was never there is nothing", async () => {
  const keys = open();
  const { name } = await keys.make();
  keys.drop(name);
  await settled();
  assert.equal(await keys.get(name), undefined);
  assert.equal(await open().get(name), undefined);
  assert.equal(await keys.get("never"), undefined);
});

test("OIDC-8: keys of abandoned sign-ins go with the next start; a session's stays, and so does one of a sign-in under way", async () => {
  const database = keyDatabase(NAME);
  const keys = open();
  const [kept, abandoned, underWay] = [await keys.make(), await keys.make(), await keys.make()];
  keys.keep(kept.name);
  await settled();
  for (const { name } of [kept, abandoned]) {
    const stored = await database.get(name);
    assert.ok(stored !== undefined);
    await database.put(name, { ...stored, at: Date.now() - 601_000 });
  }
  await open().make();
  await settled();
  const left = await Promise.all([kept, abandoned, underWay].map(async ({ name }) => (await database.get(name)) !== undefined));
  assert.deepEqual(left, [true, false, true]);
});

test("OIDC-8: a session's key that no page has used for a year goes, too; use is noted once a day", async () => {
  const database = keyDatabase(NAME);
  const keys = open();
  const [used, forgotten] = [await keys.make(), await keys.make()];
  keys.keep(used.name);
  keys.keep(forgotten.name);
  await settled();
  for (const { name } of [used, forgotten]) {
    const stored = await database.get(name);
    assert.ok(stored !== undefined);
    await database.put(name, { ...stored, at: Date.now() - 366 * 86_400_000 });
  }
  await open().get(used.name);
  await settled();
  await open().make();
  await settled();
  assert.deepEqual([(await database.get(used.name))?.isPending, await database.get(forgotten.name)], [false, undefined]);
});

test("OIDC-8: without IndexedDB the key lives in memory, and that is told; where memory is wanted, nothing is", async () => {
  for (const indexedDB of [undefined, { open: () => { throw new DOMException("no", "SecurityError"); } }]) {
    degraded = 0;
    Object.assign(globalThis, { indexedDB });
    const keys = open();
    const made = await keys.make();
    assert.equal(degraded, 1);
    assert.equal((await keys.get(made.name))?.x, made.x);
    assert.equal(await open().get(made.name), undefined);
    keys.keep(made.name);
    keys.drop(made.name);
    assert.equal(await keys.get(made.name), undefined);
  }
  degraded = 0;
  Object.assign(globalThis, { indexedDB: new IDBFactory() });
  const keys = createKeys(undefined, 600, () => degraded++);
  const made = await keys.make();
  assert.equal((await keys.get(made.name))?.x, made.x);
  assert.deepEqual([degraded, await indexedDB.databases()], [0, []]);
});

test("OIDC-8: a page does not keep others from deleting the database", async () => {
  const keys = open();
  const { name } = await keys.make();
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.deleteDatabase(NAME);
    request.onsuccess = () => { resolve(); };
    request.onblocked = () => { reject(new Error("blocked")); };
  });
  assert.equal(await open().get(name), undefined);
  await keys.make();
});
