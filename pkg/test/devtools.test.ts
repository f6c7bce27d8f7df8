import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Window } from "happy-dom";
import { openAuth } from "../src/auth.js";
import { defineDevtools, mountDevtools } from "../src/devtools/index.js";
import { AuthError } from "../src/error.js";
import type { Auth, JwtClaims } from "../src/types.js";
import { fakeLoader, type FakeCore } from "./fake-core.js";

const TOKEN = "eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOiJzZWNyZXQtY2FuYXJ5In0.c2lnbmF0dXJl";
const NOW = Date.UTC(2026, 0, 1, 12);

let window: Window;
let auth: Auth;
let core: FakeCore;

beforeEach(async () => {
  mock.timers.enable({ apis: ["Date", "setInterval"], now: NOW });
  window = new Window({ url: "https://app.test/page?code=query-canary" });
  const { document, location, customElements, HTMLElement, CSSStyleSheet } = window;
  const addEventListener = window.addEventListener.bind(window);
  const removeEventListener = window.removeEventListener.bind(window);
  const globals = { document, location, customElements, HTMLElement, CSSStyleSheet, addEventListener, removeEventListener };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true });
  const loader = fakeLoader();
  auth = openAuth<JwtClaims>(undefined, loader);
  await new Promise((resolve) => setImmediate(resolve));
  core = loader.cores[0] as FakeCore;
});

afterEach(async () => {
  document.body.replaceChildren();
  auth.close();
  for (const name of ["document", "location", "customElements", "HTMLElement", "CSSStyleSheet", "addEventListener", "removeEventListener"]) {
    Reflect.deleteProperty(globalThis, name);
  }
  mock.timers.reset();
  await window.happyDOM.close();
});

// ── what is seen ──

function panel(index = 0): ShadowRoot {
  const root = document.querySelectorAll("hallpass-devtools")[index]?.shadowRoot;
  assert.ok(root);
  return root;
}

/** What of the part `selector` can be read, in one line. */
function text(selector: string, index = 0): string {
  const texts = [...panel(index).querySelectorAll(selector)].map((element) => element.textContent ?? "");
  return texts.join(" | ");
}

function signIn(change: object = { type: "signed-in" }, more: object = {}): void {
  core.now = TOKEN;
  const claims = { sub: "ada", iat: NOW / 1000 - 60, exp: NOW / 1000 + 240, ...more };
  core.becomes({ status: "signed-in", claims, expiresAt: NOW + 240_000, refreshAt: NOW + 180_000, stale: false }, change);
}

async function typed(address: string): Promise<string> {
  const input = panel().querySelector("input");
  assert.ok(input);
  input.value = address;
  input.dispatchEvent(new window.Event("input") as unknown as Event);
  await new Promise((resolve) => setImmediate(resolve));
  return `${String(panel().querySelector("output")?.dataset.goes)}: ${text("output p")}`;
}

// ── tests ──

test("the life of the token, counted down", () => {
  mountDevtools(auth, { open: true });
  assert.equal(text(".headline"), "loading");
  signIn();
  assert.equal(text(".headline"), "signed in");
  assert.equal(text(".summary"), "signed in 4:00");
  const track = panel().querySelector<HTMLElement>(".track");
  assert.equal(track?.style.getPropertyValue("--now"), "20%");
  assert.equal(track.style.getPropertyValue("--refresh"), "80%");
  assert.match(text("dd"), /^3:00 \(.*\) \| 4:00 \(/);
  mock.timers.tick(61_000);
  assert.equal(text(".summary"), "signed in 2:59");
  assert.match(text("dd"), /^1:59 \(.*\) \| 2:59 \(/);
  core.becomes({ status: "signed-out", reason: "rejected" }, { type: "signed-out", reason: "rejected" });
  assert.equal(text(".headline"), "signed out: the server refused the refresh");
  assert.equal(track.hidden, true);
});

test("every change with its reason, newest first", () => {
  mountDevtools(auth, { open: true });
  signIn();
  signIn({ type: "refreshed", by: "other-tab" });
  const cause = new AuthError("invalid_response", "no tokens in it");
  const error = new AuthError("refresh_unavailable", `It did not get through. ${TOKEN}`, { status: 503, cause });
  signIn({ type: "refresh-failed", error, retryAt: null });
  core.becomes({ status: "signed-out", reason: "idle" }, { type: "signed-out", reason: "idle" });
  assert.equal(text(".changes b"), "signed-out | refresh-failed | refreshed | signed-in");
  assert.equal(
    text(".changes li > span"),
    "nobody did anything for limits.idleSeconds | " +
      "refresh_unavailable, status 503, because of invalid_response: It did not get through. eyJ… (68 bytes). No further attempt is planned | " +
      "another tab got new tokens | a session began",
  );
});

test("claims, with times in words; an opaque token has none", () => {
  mountDevtools(auth, { open: true });
  signIn(undefined, { roles: ["admin"], html: "<img src=x onerror=alert(1)>" });
  const [sub, iat, , roles, html] = text(".claims dd").split(" | ");
  assert.deepEqual([sub, roles, html], ['"ada"', '["admin"]', '"<img src=x onerror=alert(1)>"']);
  assert.match(String(iat), /^1767268740 \(.+\)$/);
  assert.equal(panel().querySelector("img"), null);
  core.becomes({ status: "signed-in", claims: null, expiresAt: null, refreshAt: null, stale: false }, null);
  assert.equal(text(".claims dd"), "The token is opaque.");
});

test("that cookies go along is said", async () => {
  mountDevtools(auth, { open: true });
  core.credentials = "include";
  signIn();
  assert.equal(await typed("https://api.test/v1"), "true: Authorization: Bearer eyJ… (68 bytes) | Cookies go along (credentials: include).");
});

test("what would be sent to an address, and why not", async () => {
  mountDevtools(auth, { open: true });
  core.allowed = (protocol, host, pathname) => protocol === "https:" && host === "api.test" && pathname.startsWith("/v1");
  assert.equal(await typed("https://api.test/v1"), "false: It is not known yet whether somebody is signed in.");
  signIn();
  assert.equal(await typed("https://api.test/v1/me"), "true: Authorization: Bearer eyJ… (68 bytes)");
  core.now = "opaque-canary";
  assert.match(await typed("https://api.test/v1"), /Bearer … \(13 bytes\)/);
  for (const [address, why] of [
    ["https://[", "This is no URL."],
    ["https://api.test.evil.test/v1", "https://api.test.evil.test with the path /v1 is not in options.origins."],
    ["/me", "https://app.test with the path /me is not in options.origins."],
    ["http://api.test/v1", "Only https gets the token, and http on this machine: not http://api.test."],
    ["http://localhost:1/v1", "http://localhost:1 with the path /v1 is not in options.origins."],
    ["https://ada:pw@api.test/v1", "An address with a user name in it never gets the token."],
  ] as const) {
    const answer = await typed(address);
    assert.ok(answer.startsWith(`false: ${why}`), answer);
  }
  assert.deepEqual(core.calls.filter(([name]) => name !== "current"), [], "asking refreshes nothing");
  core.becomes({ status: "signed-in", claims: null, expiresAt: NOW, refreshAt: null, stale: true }, null);
  assert.match(await typed("https://api.test/v1"), /^false: The address may have the token, but it is over/);
  core.becomes({ status: "signed-out", reason: "user" }, { type: "signed-out", reason: "user" });
  assert.match(await typed("https://api.test/v1"), /^false: The address may have the token, but nobody is signed in/);
  auth.close();
  assert.equal(await typed("https://api.test/v1"), "false: The auth was closed.");
});

test("no secret in any text, attribute or property of the panel; nothing is ever parsed as markup (SEC-40, SEC-42)", async () => {
  const prototype = window.Element.prototype as unknown as object;
  const parses = Object.getOwnPropertyDescriptor(prototype, "innerHTML");
  Object.defineProperty(prototype, "innerHTML", { ...parses, set: () => assert.fail("innerHTML was set") });
  try {
    mountDevtools(auth, { open: true });
    signIn(undefined, { nested: { id_token: TOKEN } });
    await typed("https://api.test/v1");
    const root = panel();
    const everything = [root.innerHTML, root.textContent, JSON.stringify(root.host.outerHTML)].join("\n");
    assert.match(everything, /eyJ… \(68 bytes\)/);
    for (const part of TOKEN.split(".")) assert.ok(!everything.includes(part), part);
    assert.ok(!everything.includes("query-canary"), "the page's query is nobody's business");
  } finally {
    Object.defineProperty(prototype, "innerHTML", parses ?? {});
  }
});

test("opened by its button, closed by Escape, which gives the focus back", () => {
  mountDevtools(auth);
  const [button, section] = [panel().querySelector("button"), panel().querySelector("section")];
  assert.ok(button && section);
  assert.deepEqual([section.hidden, button.getAttribute("aria-expanded")], [true, "false"]);
  button.click();
  assert.deepEqual([section.hidden, button.getAttribute("aria-expanded")], [false, "true"]);
  assert.equal(document.querySelector("hallpass-devtools")?.open, true);
  section.dispatchEvent(new window.KeyboardEvent("keydown", { key: "Escape" }) as unknown as Event);
  assert.deepEqual([section.hidden, panel().activeElement === button], [true, true]);
});

test("tabs with a panel know of each other; other words on the channel are ignored; who says nothing more is gone", async () => {
  mountDevtools(auth, { open: true });
  const unmount = mountDevtools(auth, { open: true });
  const channel = new BroadcastChannel("hallpass:devtools");
  /** Messages come when they come. */
  const reads = async (expected: RegExp): Promise<void> => {
    for (let round = 0; round < 2_000 && !expected.test(text(".tabs li")); round += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.match(text(".tabs li"), expected);
  };
  try {
    await reads(/^\/pageloading$/);
    for (const word of [null, 5, { id: "x" }, { id: "x", kind: "here", path: {}, status: "" }, { id: "x", kind: "here", path: "a".repeat(501), status: "" }]) {
      channel.postMessage(word);
    }
    signIn();
    await reads(/^\/pagesigned in until [^|]*$/);
    unmount();
    await reads(/^None\.$/);
    channel.postMessage({ id: "y", kind: "here", path: "/other", status: "signed in", expiresAt: null });
    await reads(/^\/othersigned in$/);
    mock.timers.tick(10_000);
    assert.equal(text(".tabs li"), "/othersigned in, silent: frozen or gone");
    mock.timers.tick(10_000);
    assert.equal(text(".tabs li"), "None.", "a page that was killed says no goodbye");
  } finally {
    channel.close();
  }
});

test("a panel in the background asks nothing, and takes nobody for gone; seen again, it asks at once", async () => {
  mountDevtools(auth, { open: true });
  const channel = new BroadcastChannel("hallpass:devtools");
  const heard: unknown[] = [];
  const next = (): Promise<unknown> => new Promise((resolve) => channel.addEventListener("message", ({ data }) => { resolve(data); }, { once: true }));
  const shown = (state: string): void => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new window.Event("visibilitychange") as unknown as Event);
  };
  try {
    channel.addEventListener("message", ({ data }) => heard.push((data as { kind: string }).kind));
    shown("hidden");
    channel.postMessage({ id: "y", kind: "ask", path: "/other", status: "signed in", expiresAt: null });
    assert.equal((((await next()) as { kind: string }).kind), "here", "it answers");
    mock.timers.tick(3_600_000);
    assert.equal(text(".tabs li"), "/othersigned in");
    shown("visible");
    assert.equal(((await next()) as { kind: string }).kind, "ask");
    assert.deepEqual(heard, ["here", "ask"], "and nothing in between");
    assert.equal(text(".tabs li"), "/othersigned in");
  } finally {
    channel.close();
  }
});

test("taken away, it listens no more, ticks no more, and comes back where it is put back (REL-32)", () => {
  const unmount = mountDevtools(auth, { open: true });
  const element = document.querySelector("hallpass-devtools");
  assert.ok(element);
  const headline = panel().querySelector(".headline");
  const cleared = mock.method(globalThis, "clearInterval");
  unmount();
  assert.equal(cleared.mock.callCount(), 2);
  signIn();
  assert.equal(headline?.textContent, "loading");
  document.body.append(element);
  assert.equal(text(".headline"), "signed in");
  assert.equal(element.open, true);
});

test("an element that stood in the markup before takes over what was set on it", () => {
  const element = document.createElement("hallpass-devtools");
  document.body.append(element);
  assert.equal(element.shadowRoot, null);
  element.auth = auth;
  element.open = true;
  defineDevtools();
  defineDevtools();
  window.customElements.upgrade(document.body as never);
  const known = document.querySelector("hallpass-devtools");
  if (known?.shadowRoot === null) document.body.append(known); // the DOM of the tests upgrades only what is put in
  assert.equal(text(".headline"), "loading");
  assert.equal(panel().querySelector("section")?.hidden, false);
});

test("a wrong argument is told at once; on a server nothing happens", () => {
  assert.throws(() => mountDevtools({} as Auth), { name: "TypeError" });
  Reflect.deleteProperty(globalThis, "location");
  Reflect.deleteProperty(globalThis, "customElements");
  mountDevtools(auth)();
  defineDevtools();
});
