import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { WebPlugin } from "@capacitor/core";
import { openAuth } from "../src/auth.js";
import { attachCapacitor, preferencesStorage } from "../src/adapters/capacitor.js";
import { AuthError } from "../src/error.js";
import type { Auth, JwtClaims, RedirectResult } from "../src/types.js";
import { fakeLoader, signedIn, type FakeCore } from "./fake-core.js";
import { openPage, type FakePage } from "./page.js";

/** A plugin as Capacitor makes them: its listeners, and what it keeps for those who come later, are the real ones. */
class TestApp extends WebPlugin {
  emit(event: string, data: unknown): void {
    this.notifyListeners(event, data, event === "appUrlOpen");
  }
  has(event: string): boolean {
    return this.hasListeners(event);
  }
}

let page: FakePage;
let auth: Auth;
let core: FakeCore;
let App: TestApp;
let results: RedirectResult[];
let errors: unknown[];
beforeEach(async () => {
  page = openPage("https://localhost/inbox");
  const loader = fakeLoader();
  auth = openAuth<JwtClaims>({ redirect: { url: "https://api.test/login", callbackUrl: "com.example.app://signed-in" } }, loader);
  await settled();
  core = loader.cores[0] as FakeCore;
  core.callbacks.set("access_token=a&state=s", { returnTo: "/inbox", reload: false });
  core.callbacks.set("access_token=a&state=forged", new AuthError("callback_state_mismatch"));
  App = new TestApp();
  results = [];
  errors = [];
});
afterEach(() => {
  auth.close();
  page.close();
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const attach = (): (() => void) =>
  attachCapacitor(auth, { App, onResult: (result) => results.push(result), onError: (error) => errors.push(error) });

test("a deep link finishes the sign-in, also the one that launched the app", async () => {
  core.becomes(signedIn(), { type: "signed-in" });
  App.emit("appUrlOpen", { url: "com.example.app://signed-in#access_token=a&state=s" });
  attach();
  await settled();
  assert.deepEqual(results, [{ session: auth.session, returnTo: "/inbox" }]);
  assert.deepEqual(errors, []);
  assert.equal(page.url, "https://localhost/inbox");
});

test("other deep links are left alone", async () => {
  attach();
  App.emit("appUrlOpen", { url: "com.example.app://inbox/3?unread#top" });
  App.emit("appUrlOpen", { url: "https://app.example.com/inbox" });
  await settled();
  assert.deepEqual([results, errors, core.asked], [[], [], []]);
});

test("a refused callback is told, without its values (SEC-09, SEC-40)", async () => {
  attach();
  App.emit("appUrlOpen", { url: "com.example.app://signed-in#access_token=a&state=forged" });
  await settled();
  assert.equal((errors[0] as AuthError).code, "callback_state_mismatch");
  assert.ok(!JSON.stringify(errors).includes("forged"));
  assert.deepEqual(results, []);
});

test("a callback of the application that throws is reported, and stops nobody", async () => {
  const reported = mock.method(console, "error", () => undefined);
  try {
    attachCapacitor(auth, {
      App,
      onResult: () => {
        throw new Error("of the application");
      },
    });
    App.emit("appUrlOpen", { url: "com.example.app://signed-in#access_token=a&state=s" });
    await settled();
    App.emit("appUrlOpen", { url: "com.example.app://signed-in#access_token=a&state=forged" });
    await settled();
    assert.deepEqual(
      reported.mock.calls.map((call) => (call.arguments[0] as Error).message),
      ["of the application", new AuthError("callback_state_mismatch").message],
    );
  } finally {
    reported.mock.restore();
  }
});

test("coming to the front wakes the core, going to the back does not (REL-24)", async () => {
  attach();
  App.emit("appStateChange", { isActive: false });
  assert.deepEqual(core.calls, []);
  App.emit("appStateChange", { isActive: true });
  assert.deepEqual(core.calls, [["wake"]]);
  auth.close();
  App.emit("appStateChange", { isActive: true });
  assert.deepEqual(core.calls, [["wake"]]);
});

test("detaching ends both, at once", async () => {
  const detach = attach();
  App.emit("appUrlOpen", { url: "com.example.app://signed-in#access_token=a&state=s" });
  detach();
  App.emit("appStateChange", { isActive: true });
  App.emit("appUrlOpen", { url: "com.example.app://signed-in#access_token=a&state=s" });
  await settled();
  assert.deepEqual([results, core.calls], [[], []]);
  assert.deepEqual([App.has("appUrlOpen"), App.has("appStateChange")], [false, false]);
});

test("a shell that refuses to listen is reported", async () => {
  const reported = mock.method(console, "error", () => undefined);
  try {
    const refusal = new Error("not implemented");
    attachCapacitor(auth, { App: { addListener: () => Promise.reject(refusal) }, onResult: () => undefined });
    await settled();
    assert.deepEqual(reported.mock.calls.map((call) => call.arguments[0] as unknown), [refusal, refusal]);
  } finally {
    reported.mock.restore();
  }
});

test("a store over a Preferences-shaped plugin", async () => {
  const kept = new Map<string, string>();
  const storage = preferencesStorage({
    get: async ({ key }) => ({ value: kept.get(key) ?? null }),
    set: async ({ key, value }) => void kept.set(key, value),
    remove: async ({ key }) => void kept.delete(key),
  });
  assert.equal(await storage.get("hallpass.default"), null);
  await storage.set("hallpass.default", "text");
  assert.equal(await storage.get("hallpass.default"), "text");
  await storage.remove("hallpass.default");
  assert.equal(kept.size, 0);
});
