import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { handOver, receive } from "../src/oidc/hand-over.js";
import { createPopups, siteOf, type PopupOrder } from "../src/oidc/popup.js";
import { AuthError } from "../src/error.js";
import { code, until } from "./oidc-page.js";

/** The window is a fake one; the channel between it and the tab is the platform's. */

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

class FakeWindow {
  closed = false;
  readonly went: string[] = [];
  /** Until it has arrived where it was sent to, which nobody may look at. */
  isEmpty = true;
  readonly location = {
    replace: (url: string) => this.went.push(url),
    get href(): string {
      if (this.isArrived()) throw new DOMException("another origin", "SecurityError");
      return "about:blank";
    },
    isArrived: () => !this.isEmpty,
  };
  close(): void {
    this.closed = true;
  }
}

let windows: (FakeWindow | null)[];
let features: unknown[];
let store: Map<string, string>;
let origin: string;
let ancestorOrigins: string[] | undefined;
let isBlocked: boolean;

beforeEach(() => {
  windows = [];
  features = [];
  store = new Map([["pending", "{}"]]);
  origin = "https://app.test";
  ancestorOrigins = undefined;
  isBlocked = false;
  const globals = {
    window: {
      screenX: 0, screenY: 0, outerWidth: 1000, outerHeight: 800,
      open(...args: unknown[]) {
        const [url, name, wanted] = args;
        assert.deepEqual([url, name, store.has("pending")], ["", "_blank", false]);
        features.push(wanted);
        const made = isBlocked ? null : new FakeWindow();
        windows.push(made);
        return made;
      },
    },
    sessionStorage: { removeItem: (key: string) => store.delete(key) },
    location: { get origin() { return origin; }, get ancestorOrigins() { return ancestorOrigins; } },
  };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
});
afterEach(() => {
  for (const name of ["window", "sessionStorage", "location"]) Reflect.deleteProperty(globalThis, name);
});

const CHANNEL = "hallpass:callback.test";
const WANTED = { width: undefined, height: undefined, signal: undefined };
let states = 0;

interface Begun extends PopupOrder {
  completed: string[];
  abandoned: number;
}

function order(complete: (callback: string) => Promise<void> = () => Promise.resolve()): Begun {
  const begun: Begun = {
    url: "https://id.test/authorize",
    state: `state ${String(states++)}`,
    completed: [],
    abandoned: 0,
    complete(callback) {
      begun.completed.push(callback);
      return complete(callback);
    },
    abandon: () => void begun.abandoned++,
  };
  return begun;
}

const open = (begun: PopupOrder | Promise<PopupOrder>, wanted: object = {}, seconds = 600, popups = createPopups(CHANNEL, "pending", seconds)): Promise<void> =>
  popups.open({ ...WANTED, ...wanted }, async () => begun);
const callback = ({ state }: PopupOrder): string => `code=c&state=${encodeURIComponent(state)}`;
/** Until this window was sent on its way: the channel is open by then. */
const away = (index: number): Promise<void> => until(() => windows[index]?.went.length === 1);
/** Does not keep the test waiting for what stays open. */
const outcome = async (promise: Promise<unknown>): Promise<unknown> => Promise.race([promise.then(() => "done", (error: unknown) => (error instanceof AuthError ? error.code : error)), pause(1700).then(() => "open")]);

test("OIDC-10: the window is opened at once, empty, then sent on its way; the callback comes over the channel; it is closed", async () => {
  const begun = order();
  const signingIn = open(begun);
  assert.deepEqual([windows.length, windows[0]?.went, features], [1, [], ["popup,width=500,height=650,left=250,top=75"]]);
  await away(0);
  assert.deepEqual(windows[0]?.went, ["https://id.test/authorize"]);
  assert.equal(await handOver(CHANNEL, callback(begun)), true);
  await signingIn;
  assert.deepEqual([begun.completed, begun.abandoned, windows[0]?.closed], [[callback(begun)], 0, true]);
});

test("OIDC-10: only who knows the state finds the channel; its name does not tell the state; it is answered once", async () => {
  const taken: string[] = [];
  const end = await receive(CHANNEL, "s1", (callback) => taken.push(callback));
  assert.equal(await handOver(CHANNEL, "code=c&state=s2", 100), false);
  assert.equal(await handOver("hallpass:callback.other", "code=c&state=s1", 100), false);
  for (const broken of ["code=c", "code=c&state=s1&state=s1", ""]) assert.equal(await handOver(CHANNEL, broken, 100), false);
  assert.deepEqual(taken, []);
  assert.equal(await handOver(CHANNEL, "code=c&state=s1", 1000), true);
  assert.equal(await handOver(CHANNEL, "code=d&state=s1", 100), false);
  assert.deepEqual(taken, ["code=c&state=s1"]);
  end();
});

test("OIDC-10: what is no callback on the channel is none", async () => {
  const begun = order();
  const signingIn = open(begun);
  await away(0);
  const hash = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(begun.state))).toString("base64url");
  const channel = new BroadcastChannel(`${CHANNEL}.${hash}`);
  for (const message of [null, "code=c", 1, {}, { callback: 1 }, { taken: true }]) channel.postMessage(message);
  await pause(50);
  channel.close();
  assert.deepEqual(begun.completed, []);
  assert.equal(await handOver(CHANNEL, callback(begun)), true);
  await signingIn;
});

test("OIDC-10: a blocked window, and wrong sizes", async () => {
  isBlocked = true;
  const begun = order();
  await assert.rejects(open(begun), code("popup_blocked"));
  for (const wrong of [{ width: 0 }, { height: "1" }, { width: NaN }]) assert.throws(() => open(begun, wrong), code("invalid_option"));
  assert.equal(windows.length, 1);
});

test("OIDC-10: closed by the user, before and after it went away", async () => {
  let release: (begun: PopupOrder) => void = () => undefined;
  const waiting = order();
  const early = open(new Promise<PopupOrder>((resolve) => (release = resolve)));
  (windows[0] as FakeWindow).closed = true;
  await assert.rejects(early, code("popup_closed"));
  release(waiting);
  await pause(20);
  assert.deepEqual([waiting.abandoned, windows[0]?.went], [1, []]);

  const begun = order();
  const late = open(begun);
  (windows[1] as FakeWindow).isEmpty = false;
  await pause(1400);
  (windows[1] as FakeWindow).closed = true;
  assert.equal(await outcome(late), "popup_closed");
  assert.equal(begun.abandoned, 1);
  assert.equal(await handOver(CHANNEL, callback(begun), 100), false);
});

test("OIDC-10: closed within its first second: cut off by a COOP header, so only the callback ends the wait", async () => {
  const begun = order();
  const signingIn = open(begun);
  await pause(250);
  (windows[0] as FakeWindow).closed = true;
  assert.equal(await outcome(signingIn), "open");
  assert.equal(await handOver(CHANNEL, callback(begun)), true);
  await signingIn;
});

test("OIDC-10: a slow provider's COOP header cuts off a window that was empty for long", async () => {
  const begun = order();
  const signingIn = open(begun);
  await pause(1400);
  (windows[0] as FakeWindow).closed = true;
  assert.equal(await outcome(signingIn), "open");
  assert.equal(await handOver(CHANNEL, callback(begun)), true);
  await signingIn;
});

test("OIDC-10: maxAgeSeconds and the signal end the wait", async () => {
  await assert.rejects(open(order(), {}, 0.1), code("callback_expired"));
  assert.equal(windows[0]?.closed, true);
  const controller = new AbortController();
  const begun = order();
  const signingIn = open(begun, { signal: controller.signal });
  await away(1);
  controller.abort(new Error("enough"));
  await assert.rejects(signingIn, { message: "enough" });
  assert.deepEqual([begun.abandoned, windows[1]?.closed], [1, true]);
  await assert.rejects(open(begun, { signal: controller.signal }), { message: "enough" });
  assert.equal(windows.length, 2);
});

test("OIDC-10: two at once: the second ends the first; a late word of the first reaches nothing", async () => {
  const popups = createPopups(CHANNEL, "pending", 600);
  const [first, second] = [order(), order()];
  const one = open(first, {}, 600, popups);
  one.catch(() => undefined);
  await away(0);
  const two = open(second, {}, 600, popups);
  await assert.rejects(one, code("popup_closed"));
  assert.deepEqual(windows.map((window) => window?.closed), [true, false]);
  await away(1);
  assert.equal(await handOver(CHANNEL, callback(first), 100), false);
  assert.equal(await handOver(CHANNEL, callback(second)), true);
  await two;
  assert.deepEqual([first.completed, second.completed], [[], [callback(second)]]);
  const three = open(order(), {}, 600, popups);
  popups.end(new AuthError("closed"));
  await assert.rejects(three, code("closed"));
});

test("OIDC-10: what goes wrong before and after the window was away", async () => {
  await assert.rejects(open(Promise.reject(new AuthError("provider_unavailable"))), code("provider_unavailable"));
  assert.equal(windows[0]?.closed, true);
  const refused = order(() => Promise.reject(new AuthError("callback_error")));
  const signingIn = open(refused);
  signingIn.catch(() => undefined);
  await away(1);
  await handOver(CHANNEL, callback(refused));
  await assert.rejects(signingIn, code("callback_error"));
  assert.equal(refused.abandoned, 1);
});

test("OIDC-10: in a frame of another site it says so, and opens nothing; in one of the same site it works", async () => {
  ancestorOrigins = ["https://other.example"];
  assert.throws(() => open(order()), code("invalid_option"));
  ancestorOrigins = ["http://app.test"];
  assert.throws(() => open(order()), code("invalid_option"));
  ancestorOrigins = ["https://shell.app.test", "https://other.example"];
  origin = "https://auth.app.test";
  assert.throws(() => open(order()), code("invalid_option"));
  assert.equal(windows.length, 0);
  ancestorOrigins = ["https://shell.app.test"];
  const begun = order();
  const signingIn = open(begun);
  await away(0);
  await handOver(CHANNEL, callback(begun));
  await signingIn;
  assert.deepEqual(["https://a.b.test:1", "http://127.0.0.1:8080", "http://[::1]:1", "http://localhost", "null"].map(siteOf), ["https://b.test", "http://127.0.0.1", "http://[::1]", "http://localhost", "null"]);
});
