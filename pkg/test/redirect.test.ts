import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { openAuth } from "../src/auth.js";
import { AuthError } from "../src/error.js";
import type { Auth } from "../src/types.js";
import { fakeLoader, signedIn, type FakeCore, type FakeLoader } from "./fake-core.js";
import { openPage, type FakePage } from "./page.js";

const CALLBACK = "https://app.test/page?keep=1#access_token=t&state=s";
const FRAGMENT = "access_token=t&state=s";
const CLEAN = "https://app.test/page?keep=1";
const code = (expected: string) => (error: unknown) => error instanceof AuthError && error.code === expected;

let page: FakePage;
let loader: FakeLoader;
let answers: FakeCore["callbacks"];
/** What is done to the core when it is made. */
let preparing: (core: FakeCore) => void;
beforeEach(() => {
  page = openPage(CALLBACK);
  answers = new Map();
  answers.set(FRAGMENT, { returnTo: "/inbox", reload: false });
  preparing = () => undefined;
  loader = fakeLoader((core) => {
    core.callbacks = answers;
    preparing(core);
  });
});
afterEach(() => {
  page.close();
});

const open = (redirect: object = {}): Auth => openAuth({ redirect: { url: "https://login.test/", ...redirect } }, loader);
const core = (): FakeCore => loader.cores[0] as FakeCore;

test("the address bar is clean when completeRedirect returns, before the core is even loaded (SEC-06)", async () => {
  const auth = open();
  const { state } = page.entries[0] as { state: unknown };
  const finished = auth.completeRedirect();
  assert.equal(page.url, CLEAN);
  assert.equal(page.entries.length, 1);
  assert.equal(page.entries[0]?.state, state);
  assert.equal(loader.cores.length, 0);
  assert.deepEqual(await finished, { session: auth.session, returnTo: "/inbox" });
});

test("clean in every case, refused ones too (SEC-07, SEC-15)", async () => {
  answers.set(FRAGMENT, new AuthError("callback_unsolicited"));
  await assert.rejects(open().completeRedirect(), code("callback_unsolicited"));
  assert.equal(page.url, CLEAN);

  for (const fragment of ["access_token=%&state=%E0%A4%A", "access_token=%00&state=s", "error=%&state="]) {
    page.open(`https://app.test/#${fragment}`);
    assert.equal(await open().completeRedirect(), null);
    assert.equal(page.url, "https://app.test/");
  }

  page.open(CALLBACK);
  loader = Object.assign(fakeLoader(), { failure: new Error("no wasm") });
  await assert.rejects(open().completeRedirect(), code("core_unavailable"));
  assert.equal(page.url, CLEAN);
});

test("twice the same answer: the page's own URL, the cleaned one, the raw one (REL-33)", async () => {
  const auth = open();
  const calls = [auth.completeRedirect(), auth.completeRedirect(), auth.completeRedirect(CALLBACK), auth.completeRedirect(new URL(CLEAN))];
  for (const call of calls) assert.deepEqual(await call, { session: auth.session, returnTo: "/inbox" });
  assert.deepEqual(core().asked, [FRAGMENT]);
});

test("twice the same refusal", async () => {
  answers.set(FRAGMENT, new AuthError("callback_state_mismatch"));
  const auth = open();
  await assert.rejects(auth.completeRedirect(), code("callback_state_mismatch"));
  await assert.rejects(auth.completeRedirect(), code("callback_state_mismatch"));
  assert.deepEqual(core().asked, [FRAGMENT]);
});

test("where the core could not be loaded, the callback is kept for the next try", async () => {
  loader.failure = new Error("offline");
  const auth = open();
  await assert.rejects(auth.completeRedirect(), code("core_unavailable"));
  loader.failure = undefined;
  assert.equal((await auth.completeRedirect())?.returnTo, "/inbox");
  assert.deepEqual(core().asked, [FRAGMENT]);
});

test("a second callback in the same page is another one", async () => {
  const auth = open();
  await auth.completeRedirect();
  answers.set("access_token=u&state=s", { returnTo: "/second", reload: false });
  page.open("https://app.test/#access_token=u&state=s");
  assert.equal((await auth.completeRedirect())?.returnTo, "/second");
  assert.equal(page.url, "https://app.test/");
});

test("after a sign-out the same link is judged anew", async () => {
  const auth = open();
  await auth.completeRedirect();
  core().becomes(signedIn(), { type: "signed-in" });
  await auth.signOut();
  answers.set(FRAGMENT, new AuthError("callback_unsolicited"));
  page.open(CALLBACK);
  await assert.rejects(auth.completeRedirect(), code("callback_unsolicited"));
});

test("no callback: nothing is touched, the core is asked for what a reload left", async () => {
  for (const url of ["https://app.test/#about", "https://app.test/#/route?tab=1", "https://app.test/?access_token=t&state=s"]) {
    page.open(url);
    loader = fakeLoader((made) => (made.callbacks = answers));
    const auth = open();
    assert.equal(await auth.completeRedirect(), null);
    assert.equal(page.url, url);
    assert.deepEqual(core().asked, [null]);
  }
  answers.set(null, { returnTo: "/kept", reload: false });
  loader = fakeLoader((made) => (made.callbacks = answers));
  const auth = open();
  assert.equal((await auth.completeRedirect())?.returnTo, "/kept");
  answers.delete(null);
  assert.equal((await auth.completeRedirect())?.returnTo, "/kept");
});

test("hardClean: the cleaned page is loaded again (SEC-06)", async () => {
  answers.set(FRAGMENT, { returnTo: "/inbox", reload: true });
  for (const [url, done] of [
    [CALLBACK, `replace ${CLEAN}`],
    [`https://app.test/#/route?${FRAGMENT}`, "reload"],
  ] as const) {
    page.open(url);
    page.left.length = 0;
    loader = fakeLoader((made) => (made.callbacks = answers));
    const finished = open({ hardClean: true }).completeRedirect();
    const late = new Promise((resolve) => setTimeout(resolve, 5, "still waiting"));
    assert.equal(await Promise.race([finished, late]), "still waiting");
    assert.deepEqual(page.left, [done]);
  }
});

test("a URL from elsewhere (a deep link) leaves the address bar alone", async () => {
  page.open("https://app.test/#about");
  const auth = open();
  answers.set(FRAGMENT, { returnTo: "/inbox", reload: true });
  assert.equal((await auth.completeRedirect(`com.example.app://cb#${FRAGMENT}`))?.returnTo, "/inbox");
  assert.equal(page.url, "https://app.test/#about");
  assert.deepEqual(page.left, []);
  assert.deepEqual(core().asked, [FRAGMENT, null]);
  assert.equal(await auth.completeRedirect("/somewhere#else"), null);
  await assert.rejects(auth.completeRedirect("https://["), code("callback_malformed"));
  await assert.rejects(auth.completeRedirect(5 as unknown as string), code("invalid_option"));
});

test("weak signs count only while this tab waits (SEC-13)", async () => {
  const opaque = "2YotnFZFEjr1zCsicMWpAA";
  page.open(`https://app.test/#${opaque}`);
  await open({ accept: ["fragment-token"] }).completeRedirect();
  assert.equal(page.url, `https://app.test/#${opaque}`);
  page.store.set("hallpass:pending.default", "{}");
  await open({ accept: ["fragment-token"] }).completeRedirect();
  assert.equal(page.url, "https://app.test/");
});

test("storage that throws and history that throws are survived", async () => {
  Object.assign(globalThis, {
    sessionStorage: {
      getItem: () => {
        throw new Error("SecurityError");
      },
    },
  });
  (history as { replaceState: unknown }).replaceState = () => {
    throw new Error("SecurityError");
  };
  assert.equal((await open().completeRedirect())?.returnTo, "/inbox");
  assert.deepEqual(page.left, ["replace #"]);
});

test("without the option redirect there are no callbacks", async () => {
  const auth = openAuth({}, loader);
  assert.equal(await auth.completeRedirect(), null);
  assert.equal(page.url, CALLBACK);
  await assert.rejects(auth.signInRedirect(), code("invalid_option"));
});

test("signInRedirect leaves and never comes back", async () => {
  const auth = open();
  const leaving = auth.signInRedirect({ returnTo: "/inbox", params: { prompt: "login" } });
  const late = new Promise((resolve) => setTimeout(resolve, 5, "still waiting"));
  assert.equal(await Promise.race([leaving, late]), "still waiting");
  assert.deepEqual(page.left, ["assign https://login.test/"]);
  const [name, from, returnTo, params] = core().calls[0] as [string, string, string, object];
  assert.deepEqual([name, from, returnTo, { ...params }], ["startRedirect", CALLBACK, "/inbox", { prompt: "login" }]);
  await assert.rejects(auth.signInRedirect({ returnTo: 5 as unknown as string }), code("invalid_option"));
  await assert.rejects(auth.signInRedirect({ params: { a: 1 as unknown as string } }), code("invalid_option"));
});

test("while a callback is being finished the status is loading: no guard sends the user away again", async () => {
  const seen: string[] = [];
  const auth = open();
  void auth.ready.then(({ status }) => seen.push(status));
  auth.subscribe(({ status }, { type }) => seen.push(`${status} ${type}`));
  const finished = auth.completeRedirect();
  preparing = (core) => {
    // As a real core: what came before its start is in the first session.
    core.opens = () => {
      assert.deepEqual(core.asked, [FRAGMENT], "asked before the store is read");
      assert.equal(auth.session.status, "loading");
      core.becomes(signedIn(), { type: "signed-in" });
    };
  };
  assert.equal((await finished)?.session.status, "signed-in");
  assert.deepEqual(seen, ["signed-in signed-in", "signed-in"]);
});

test("a refused callback: loading until it was refused, then the session as it is", async () => {
  answers.set(FRAGMENT, new AuthError("callback_unsolicited"));
  const auth = open();
  preparing = (core) => {
    core.opens = () => {
      assert.deepEqual(core.asked, [FRAGMENT]);
      core.becomes({ status: "signed-out", reason: "never-signed-in" }, { type: "signed-out", reason: "never-signed-in" });
    };
  };
  await assert.rejects(auth.completeRedirect(), code("callback_unsolicited"));
  assert.equal((await auth.ready).status, "signed-out");
});

test("a callback that breaks the core does not keep it from starting again", async () => {
  const auth = open();
  preparing = (core) => {
    core.completeRedirect = () => {
      throw new Error("trap");
    };
    core.opens = () => {
      core.becomes({ status: "signed-out", reason: "never-signed-in" }, { type: "signed-out", reason: "never-signed-in" });
    };
  };
  await assert.rejects(auth.completeRedirect(), code("core_failed"));
  assert.equal((await auth.ready).status, "signed-out");
});

test("a callback that comes later reaches the core that runs; a session that is there stays usable", async () => {
  const auth = open();
  await auth.completeRedirect();
  core().becomes(signedIn(), { type: "restored" });
  core().now = "token";
  const finished = auth.completeRedirect("https://app.test/#access_token=u&state=s");
  assert.equal(auth.session.status, "signed-in");
  assert.equal(await auth.token(), "token");
  assert.equal(await finished, null);
  assert.deepEqual(core().asked, [FRAGMENT, "access_token=u&state=s"]);
});

test("closed while the core is loaded: the callback is closed too, and no later core hears of it", async () => {
  const auth = open();
  const finished = auth.completeRedirect();
  auth.close();
  await assert.rejects(finished, code("closed"));
  assert.equal(loader.cores.length, 0);
});
