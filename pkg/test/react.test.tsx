import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { StrictMode, useEffect, type ReactElement } from "react";
import { renderToString } from "react-dom/server";
import { openAuth } from "../src/auth.js";
import { AuthProvider, Loading, SignedIn, SignedOut, useAuth, useSession } from "../src/adapters/react.js";
import type { Auth, JwtClaims } from "../src/types.js";
import { fakeLoader, signedIn } from "./fake-core.js";
import { installDom, type Dom } from "./dom.js";
import { openPage, type FakePage } from "./page.js";

let page: FakePage;
beforeEach(() => (page = openPage("https://app.test/")));
afterEach(() => {
  page.close();
});

function App(): ReactElement {
  const session = useSession<JwtClaims & { name?: string }>();
  return (
    <>
      <Loading>loading</Loading>
      <SignedOut>signed out</SignedOut>
      <SignedIn>
        hello {session.status === "signed-in" ? session.claims?.name : ""}
        {session.status === "signed-in" && session.stale ? " (stale)" : ""}
      </SignedIn>
    </>
  );
}

const render = (auth: Auth): string =>
  renderToString(
    <AuthProvider auth={auth}>
      <App />
    </AuthProvider>,
  ).replaceAll("<!-- -->", "");

test("on the server everything is loading", () => {
  page.close();
  assert.equal(render(openAuth<JwtClaims>(undefined, fakeLoader())), "loading");
});

test("the server's markup is loading, whatever the session is (no mismatch when it hydrates)", async () => {
  const loader = fakeLoader();
  const auth = openAuth<JwtClaims>(undefined, loader);
  await new Promise((resolve) => setImmediate(resolve));
  loader.cores[0]?.becomes(signedIn(), { type: "restored" });
  assert.equal(render(auth), "loading");
});

test("useAuth says what is missing", () => {
  const Lost = (): ReactElement => <>{String(useAuth())}</>;
  assert.throws(() => renderToString(<Lost />), { message: "useAuth() needs an <AuthProvider auth={…}> above this component." });
  assert.throws(
    () =>
      renderToString(
        <AuthProvider auth={{} as Auth}>
          <App />
        </AuthProvider>,
      ),
    { name: "TypeError" },
  );
});

test("in StrictMode: renders again after every snapshot, quiet ones too; unsubscribes at the end (REL-33)", async () => {
  const dom: Dom = await installDom();
  try {
    const loader = fakeLoader();
    const auth = openAuth<JwtClaims>(undefined, loader);
    await new Promise((resolve) => setImmediate(resolve));
    const [core] = loader.cores;
    const unmount = await dom.mount(
      <StrictMode>
        <AuthProvider auth={auth}>
          <App />
        </AuthProvider>
      </StrictMode>,
    );
    assert.equal(dom.text(), "loading");
    await dom.act(() => core?.becomes({ status: "signed-out", reason: "never-signed-in" }, { type: "signed-out", reason: "never-signed-in" }));
    assert.equal(dom.text(), "signed out");
    await dom.act(() => core?.becomes(signedIn({ name: "Ada" }), { type: "signed-in" }));
    assert.equal(dom.text(), "hello Ada");
    await dom.act(() => core?.becomes({ ...signedIn({ name: "Ada" }), stale: true }, null));
    assert.equal(dom.text(), "hello Ada (stale)");
    await unmount();
    core?.becomes(signedIn({ name: "Bob" }), { type: "refreshed", by: "this-tab" });
    assert.equal(dom.text(), "");
  } finally {
    dom.remove();
  }
});

test("a guard that sends away who is signed out does not, while a callback is being finished", async () => {
  const dom: Dom = await installDom();
  try {
    page.open("https://app.test/orders#access_token=t&state=s");
    // As the real core: a callback that it was given before its start is in its first session.
    const loader = fakeLoader((core) => {
      core.callbacks.set("access_token=t&state=s", { returnTo: "/orders", reload: false });
      core.opens = () => {
        if (core.asked.length > 0) core.becomes(signedIn({ name: "Ada" }), { type: "signed-in" });
        else core.becomes({ status: "signed-out", reason: "never-signed-in" }, { type: "signed-out", reason: "never-signed-in" });
      };
    });
    const auth = openAuth<JwtClaims>({ redirect: { url: "https://login.test/" }, storage: "memory" }, loader);
    const finished = auth.completeRedirect();
    let departures = 0;
    function Leave(): null {
      useEffect(() => {
        departures++;
      }, []);
      return null;
    }
    await dom.mount(
      <StrictMode>
        <AuthProvider auth={auth}>
          <SignedOut>
            <Leave />
          </SignedOut>
          <App />
        </AuthProvider>
      </StrictMode>,
    );
    await dom.act(() => void finished);
    assert.equal((await finished)?.returnTo, "/orders");
    assert.equal(dom.text(), "hello Ada");
    assert.equal(departures, 0);
  } finally {
    dom.remove();
  }
});
