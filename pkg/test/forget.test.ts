import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { openAuth } from "../src/auth.js";
import { AuthError } from "../src/error.js";
import type { Cores, Loader } from "../src/core/loader.js";
import type { AuthOptions } from "../src/types.js";
import { openPage, type FakePage } from "./page.js";

/** A browser in which no core can be had. */
const loader: Loader = {
  load: () => Promise.reject(new AuthError("core_unavailable")),
  whenLoaded: () => undefined,
  whenBroken: () => () => undefined,
} as unknown as Loader;
const cores: Cores = { of: () => loader, loaded: undefined };

let page: FakePage;
let stores: Record<"sessionStorage" | "localStorage", Map<string, string>>;
beforeEach(() => {
  page = openPage("https://app.test/");
  stores = { sessionStorage: new Map(), localStorage: new Map() };
  for (const [name, map] of Object.entries(stores)) {
    Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: storageOver(map) });
  }
});
afterEach(() => {
  Reflect.deleteProperty(globalThis, "localStorage");
  page.close();
});

function storageOver(map: Map<string, string>): object {
  const methods: Record<string, unknown> = {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, text: string) => map.set(key, text),
    removeItem: (key: string) => map.delete(key),
  };
  // As in a browser, its keys are its own properties.
  return new Proxy(methods, {
    ownKeys: () => [...map.keys()],
    getOwnPropertyDescriptor: (_, key) => ({ configurable: true, enumerable: true, value: map.get(String(key)) }),
  });
}

async function signOut(options: AuthOptions): Promise<void> {
  const auth = openAuth(options, cores);
  await assert.rejects(auth.signOut(), { code: "core_unavailable" });
}

test("without a core nothing of ours stays in any store, and nothing else is touched (SEC-05)", async () => {
  for (const map of Object.values(stores)) {
    for (const key of ["hallpass.main", "hallpass:pending.main", "hallpass:active.main"]) map.set(key, "secret");
    map.set("hallpass.other", "another manager's");
    map.set("theirs", "the application's");
  }
  const hash = "ab".repeat(32);
  stores.localStorage.set(`hallpass:generation.main.${hash}`, "2 1700000000000");
  stores.localStorage.set(`hallpass:generation.main.x.${hash}`, "a manager's whose name is main.x");
  await signOut({ name: "main" });
  stores.localStorage.delete(`hallpass:generation.main.x.${hash}`);
  assert.deepEqual([...stores.sessionStorage.keys()], ["hallpass.other", "theirs"]);
  assert.deepEqual([...stores.localStorage.keys()], ["hallpass.other", "theirs", "hallpass:mark.main"]);
  const mark = stores.localStorage.get("hallpass:mark.main") ?? "";
  assert.match(mark, /^\{"v":1,"ended":\d+,"signedOut":0\}$/);
});

test("what began or ended while the clock was ahead is over, too (SEC-05)", async () => {
  const later = Date.now() + 86_400_000;
  for (const mark of [`{"v":1,"began":${String(later)},"ended":5}`, `{"v":1,"ended":${String(later)},"signedOut":0}`]) {
    stores.localStorage.set("hallpass:mark.main", mark);
    await signOut({ name: "main" });
    assert.equal(stores.localStorage.get("hallpass:mark.main"), `{"v":1,"ended":${String(later)},"signedOut":0}`);
  }
});

test("the mark says whether the server has to hear of it (SEC-05)", async () => {
  await signOut({ signOut: "/sign-out" });
  assert.match(stores.localStorage.get("hallpass:mark.default") ?? "", /"signedOut":1/);
});

test("a store of the application's own is emptied, and one that fails keeps nobody (SEC-05)", async () => {
  const removed: string[] = [];
  const storage = { get: () => null, set: () => undefined, remove: (key: string) => void removed.push(key) };
  await signOut({ storage });
  assert.deepEqual(removed, ["hallpass.default"]);
  await signOut({ storage: { ...storage, remove: () => Promise.reject(new Error("full")) } });
});

test("stores that throw keep nobody (SEC-05)", async () => {
  const denied = {
    get(): never {
      throw new DOMException("denied", "SecurityError");
    },
    configurable: true,
  };
  Object.defineProperty(globalThis, "localStorage", denied);
  Object.defineProperty(globalThis, "sessionStorage", denied);
  await signOut({});
});

test("the cookie of the client's fingerprint goes, too (SEC-05)", async () => {
  const written: string[] = [];
  Object.defineProperty(globalThis.document, "cookie", { configurable: true, get: () => "", set: (text: string) => written.push(text) });
  await signOut({ fingerprint: { mode: "client", cookie: "Mine" } });
  assert.deepEqual(written.map((text) => text.split(";")[0]), ["Mine=", "__Host-Mine="]);
  for (const text of written) assert.match(text, /Max-Age=0/);
});
