import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Window } from "happy-dom";
import { createHydrationRenderer, createSSRApp, effectScope, h, nextTick, type App, type Component } from "vue";
import { renderToString } from "vue/server-renderer";
import { openAuth } from "../src/auth.js";
import type { Auth, JwtClaims } from "../src/types.js";
import { createAuthPlugin, useAuth, useSession } from "../src/adapters/vue.js";
import { fakeLoader, signedIn, type FakeCore } from "./fake-core.js";
import { openPage, type FakePage } from "./page.js";

let page: FakePage;
let auth: Auth;
let core: FakeCore;
beforeEach(async () => {
  page = openPage("https://app.test/");
  const loader = fakeLoader();
  auth = openAuth<JwtClaims>(undefined, loader);
  await new Promise((resolve) => setImmediate(resolve));
  core = loader.cores[0] as FakeCore;
});
afterEach(() => {
  auth.close();
  page.close();
});

const Greeting: Component = {
  setup() {
    const session = useSession<JwtClaims & { name?: string }>();
    return () => {
      const now = session.value;
      return h("p", now.status === "signed-in" ? `hello ${now.claims?.name ?? ""}${now.stale ? " (stale)" : ""}` : now.status);
    };
  },
};

// ── a DOM ──

const { document } = new Window();
type DomNode = InstanceType<Window["Node"]>;

/** Vue's own renderer, over a document that is no global: Vue looks for that one when it is loaded. */
const renderer = createHydrationRenderer({
  createElement: (tag: string) => document.createElement(tag),
  createText: (text: string) => document.createTextNode(text),
  createComment: (text: string) => document.createComment(text),
  insert: (node: DomNode, parent: DomNode, anchor?: DomNode | null) => void parent.insertBefore(node, anchor ?? null),
  remove: (node: DomNode) => void node.parentNode?.removeChild(node),
  setText: (node: DomNode, text: string) => void (node.textContent = text),
  setElementText: (node: DomNode, text: string) => void (node.textContent = text),
  parentNode: (node: DomNode) => node.parentNode,
  nextSibling: (node: DomNode) => node.nextSibling,
  patchProp: () => undefined,
} as never);

/** Mounts `root`; where `markup` is given, takes it over as Vue does with a server's. */
function mount(root: Component, markup?: string): { app: App<never>; text: () => string; warnings: string[] } {
  const container = document.createElement("div");
  container.innerHTML = markup ?? "";
  const warnings: string[] = [];
  const app = renderer.createApp(root).use(createAuthPlugin(auth)) as unknown as App<never>;
  app.config.warnHandler = (message) => warnings.push(message);
  app.mount(container as never, markup !== undefined);
  return { app, text: () => container.textContent, warnings };
}

// ── tests ──

test("renders again after every snapshot, quiet ones too; nothing after unmounting (REL-33)", async () => {
  const { app, text } = mount(Greeting);
  const shows = async (session: object, change: object | null, expected: string): Promise<void> => {
    core.becomes(session, change);
    await nextTick();
    assert.equal(text(), expected);
  };
  assert.equal(text(), "loading");
  await shows({ status: "signed-out", reason: "never-signed-in" }, { type: "signed-out", reason: "never-signed-in" }, "signed-out");
  await shows(signedIn({ name: "Ada" }), { type: "signed-in" }, "hello Ada");
  await shows({ ...signedIn({ name: "Ada" }), stale: true }, null, "hello Ada (stale)");
  app.unmount();
  await shows(signedIn({ name: "Bob" }), { type: "refreshed", by: "this-tab" }, "");
});

test("useSession ends with its scope; without one it lasts as long as the auth", () => {
  const { app } = mount(Greeting);
  const scope = effectScope();
  const scoped = app.runWithContext(() => scope.run(() => useSession()));
  const unscoped = app.runWithContext(() => useSession());
  core.becomes(signedIn(), { type: "signed-in" });
  assert.equal(scoped?.value, auth.session);
  scope.stop();
  core.becomes({ status: "signed-out", reason: "user" }, { type: "signed-out", reason: "user" });
  assert.equal(scoped.value.status, "signed-in");
  assert.equal(unscoped.value.status, "signed-out");
});

test("the ref holds the snapshot itself, not a reactive copy of it", () => {
  const { app } = mount(Greeting);
  core.becomes(signedIn({ sub: "ada", roles: ["admin"] }), { type: "signed-in" });
  const session = app.runWithContext(() => useSession());
  assert.equal(session.value, auth.session);
});

test("useAuth is the auth; it says what is missing", () => {
  const { app } = mount(Greeting);
  assert.equal(app.runWithContext(() => useAuth()), auth);
  const lost = renderer.createApp(Greeting);
  assert.throws(() => lost.runWithContext(() => useAuth()), { message: "useAuth() needs app.use(createAuthPlugin(auth))." });
  assert.throws(() => createAuthPlugin({} as Auth), { name: "TypeError" });
});

test("on the server everything is loading, and nobody stays subscribed", async () => {
  page.close();
  const inert = openAuth<JwtClaims>(undefined, fakeLoader());
  const html = await renderToString(createSSRApp(Greeting).use(createAuthPlugin(inert)));
  assert.equal(html, "<p>loading</p>");
});

test("taking over the server's markup: loading first, so that nothing mismatches, then what is", async () => {
  core.becomes(signedIn({ name: "Ada" }), { type: "restored" });
  const { text, warnings } = mount(Greeting, "<p>loading</p>");
  await nextTick();
  assert.deepEqual(warnings, []);
  assert.equal(text(), "hello Ada");
});
