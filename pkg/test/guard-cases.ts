import assert from "node:assert/strict";
import type * as Basic from "./recipes/auth.js";
import type * as Hallpass from "../src/index.js";
import type { Auth, AuthOptions, KeyValueStorage } from "../src/index.js";
import type * as HallpassOidc from "../src/oidc/index.js";
import { type Backend, openPage, pause, type RunOptions, runRecipes, shipped, until } from "./recipe-world.js";

/** An application with the page "order 7" at {@link DEEP} and the page "sign-in". */
export interface GuardedApp {
  readonly auth: Auth;
  /** Shows itself in `container`, at the page's address. */
  show(container: HTMLElement): void | Promise<void>;
  close(): void;
}

const DEEP = "/orders/7?sort=date#last";

/** What the guard of every router has to do. `create` makes the application anew, as a reload does. */
export async function guardCases(api: Backend, create: (options: RunOptions) => Promise<GuardedApp>, signInAt = "/sign-in"): Promise<void> {
  const page = openPage("https://app.test/");
  const address = (): string => location.pathname + location.search + location.hash;
  /** Every text that the page has shown, and every address that a router has gone to. */
  let shown: string[] = [];
  let visited: string[] = [];
  let watching: MutationObserver | undefined;
  /** Of the application that is open: before its router looks at the address. */
  let callback: Promise<unknown> | undefined;
  for (const change of ["pushState", "replaceState"] as const) {
    const original = history[change].bind(history);
    history[change] = (state, unused, url) => {
      if (url !== undefined && url !== null) visited.push(new URL(url, location.href).pathname);
      original(state, unused, url);
    };
  }
  const kept = new Map<string, string>();
  const storage: KeyValueStorage = {
    // It takes a while, as on a phone, until it is known whether there is a session.
    get: (key: string) => pause(50).then(() => kept.get(key) ?? null),
    set: (key: string, value: string) => void kept.set(key, value),
    remove: (key: string) => void kept.delete(key),
  };
  const open = async (at = DEEP, options: RunOptions = { storage }): Promise<GuardedApp> => {
    page.window.history.replaceState(null, "", `https://app.test${at}`);
    const container = document.createElement("main");
    document.body.replaceChildren(container);
    shown = [];
    visited = [];
    watching?.disconnect(); // what an application leaves behind is not shown any more
    watching = new MutationObserver(() => {
      const text = textOf(container);
      if (text !== "" && text !== shown.at(-1)) shown.push(text);
    });
    watching.observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
    const app = await create(options);
    callback = app.auth.completeRedirect();
    callback.catch(() => undefined); // closed, where the test fails meanwhile
    await app.show(container);
    return app;
  };
  const shows = (what: string): Promise<void> => until(() => shown.at(-1) === what, () => `${what}, but ${shown.join()}`);

  let app = await open();
  try {
    assert.equal(app.auth.session.status, "loading");
    await shows("sign-in");
    assert.ok(address().startsWith(signInAt), address());
    await app.auth.signIn({ username: "ada" });
    await shows("order 7");
    assert.equal(address(), DEEP);

    const other = (await runRecipes<typeof Basic>(["auth"], api.origin, { storage })).auth;
    await other.ready;
    await other.signOut();
    other.close();
    await shows("sign-in");
    assert.deepEqual(app.auth.session, { status: "signed-out", reason: "other-tab" });
    await app.auth.signIn({ username: "bob" });
    await shows("order 7");
    assert.equal(address(), DEEP);
    assert.deepEqual(shown, ["sign-in", "order 7", "sign-in", "order 7"]);

    // A reload: the session is there, but not known at first.
    app.close();
    app = await open();
    assert.equal(app.auth.session.status, "loading");
    await shows("order 7");
    await pause(20);
    assert.deepEqual(shown, ["order 7"]);
    assert.equal(address(), DEEP);
    const leadsNowhere = (): void => {
      assert.deepEqual(visited.filter((path) => !path.startsWith("/orders/")), [], "loading leads nowhere");
    };
    leadsNowhere();

    // Back from a provider: nobody is signed in before the code is exchanged, and nobody is sent away meanwhile.
    app.close();
    const provider = await leaveForProvider();
    app = await open(provider.callback, { options: provider.options });
    await provider.arrived;
    await pause(20);
    assert.deepEqual([app.auth.session.status, shown], ["loading", []]);
    leadsNowhere();
    provider.answer();
    await callback;
    await shows("order 7");
    assert.deepEqual(shown, ["order 7"]);
    leadsNowhere();
  } finally {
    app.close();
    await pause(0);
    page.close();
  }
}

/**
 * An application leaves for a provider, whose token endpoint does not answer before it is told to: the address that it
 * comes back to, and the options to go on with there.
 */
async function leaveForProvider(): Promise<{ callback: string; options: AuthOptions; arrived: Promise<void>; answer: () => void }> {
  const [{ createAuth }, { oidc }] = [await shipped<typeof Hallpass>("index"), await shipped<typeof HallpassOidc>("oidc")];
  const issuer = "https://id.test";
  const metadata = { issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` };
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  let arrive = (): void => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const options: AuthOptions = {
    provider: oidc({ issuer, clientId: "spa", scope: "orders", redirectUri: "https://app.test/orders/7", metadata }),
    async fetch() {
      arrive();
      await answered;
      return Response.json({ access_token: "access", token_type: "Bearer", expires_in: 300 });
    },
  };
  const auth = createAuth(options);
  await auth.ready;
  let left: string | undefined;
  Object.defineProperty(location, "assign", { value: (url: string) => (left = url), configurable: true });
  void auth.signInRedirect();
  await until(() => left !== undefined, () => "the page is left");
  auth.close();
  const state = new URL(left ?? "").searchParams.get("state") ?? "";
  return { callback: `/orders/7?${new URLSearchParams({ code: "a-code", state }).toString()}`, options, arrived, answer };
}

/** What is to be seen: Ionic hides the pages that it keeps, and those that are not ready. */
function textOf(node: Node): string {
  if (node instanceof HTMLElement && node.matches(".ion-page-hidden, .ion-page-invisible")) return "";
  return node.nodeType === Node.TEXT_NODE ? (node.nodeValue ?? "") : [...node.childNodes].map(textOf).join("");
}
