import assert from "node:assert/strict";
import { test } from "node:test";
import type { CoreProvider } from "../src/core/contract.js";
import { awaitedIn, findCodeCallback } from "../src/oidc/callback.js";

const PROVIDER = {
  redirectUri: "https://app.test/callback",
  postLogoutRedirectUri: "https://app.test/bye",
  responseMode: "query",
  keepsIdToken: true,
} as CoreProvider;

/** URL → [what the core gets, what is shown], or null: no callback. */
type Row = [url: string, taken: string, shown: string] | [url: string, nothing: null];

function check(rows: Row[], awaits: "sign-in" | "sign-out" | undefined, provider: Partial<CoreProvider> = {}): void {
  for (const [url, taken, shown] of rows) {
    const expected = taken === null ? undefined : { fragment: taken, cleaned: shown };
    assert.deepEqual(findCodeCallback(url, { ...PROVIDER, ...provider }, awaits), expected, url);
  }
}

const AT = "https://app.test/callback";

test("OIDC-3: a callback is found at the redirect URI, by a code or an error with a state; all else stays", () => {
  check(
    [
      [`${AT}?code=c&state=s`, "code=c&state=s", AT],
      [`${AT}?code=c&state=s&iss=https%3A%2F%2Fid.test&session_state=x`, "code=c&state=s&iss=https%3A%2F%2Fid.test&session_state=x", AT],
      [`${AT}?error=access_denied&error_description=No+way&error_uri=u&state=s`, "error=access_denied&error_description=No+way&error_uri=u&state=s", AT],
      // What is not of the callback stays byte for byte: parameters, the hash route, its parameters.
      [`${AT}?tab=2&code=c&state=s#/route?code=mine`, "code=c&state=s", `${AT}?tab=2#/route?code=mine`],
      [`${AT}?code=c&tab=%zz&state=s&q=+&q`, "code=c&state=s", `${AT}?tab=%zz&q=+&q`],
      [`${AT}?code=c&state=s&scope=openid#`, "code=c&state=s", `${AT}?scope=openid#`],
      // A second one hides nowhere, nor a name that is encoded, nor a token that was not asked for.
      [`${AT}?code=a&code=b&state=s&state=t`, "code=a&code=b&state=s&state=t", AT],
      [`${AT}?c%6Fde=c&st%61te=s`, "c%6Fde=c&st%61te=s", AT],
      [`${AT}?code=c&state=s&id_token=i&access_token=t`, "code=c&state=s&id_token=i&access_token=t", AT],
      [`${AT}?code=%E0%A4%A&state=%`, "code=%E0%A4%A&state=%", AT],
      // Not ours.
      [AT, null],
      [`${AT}?code=c`, null],
      [`${AT}?error=e`, null],
      [`${AT}?state=s`, null],
      [`${AT}?code&state=s`, null],
      [`${AT}#code=c&state=s`, null],
      [`${AT}/?code=c&state=s`, null],
      ["https://app.test/?code=c&state=s", null],
      ["https://app.test:8443/callback?code=c&state=s", null],
      ["https://other.test/callback?code=c&state=s", null],
      ["http://app.test/callback?code=c&state=s", null],
    ],
    undefined,
  );
});

test("OIDC-3: while a sign-in is pending, a callback without state is one too", () => {
  check(
    [
      [`${AT}?code=c`, "code=c", AT],
      [`${AT}?error=e&x=1`, "error=e", `${AT}?x=1`],
      [`${AT}?state=s`, null],
      ["https://app.test/?code=c", null],
    ],
    "sign-in",
  );
});

test("OIDC-3: in the fragment, where it was asked for there; a router's path stays", () => {
  check(
    [
      [`${AT}?q=1#code=c&state=s`, "code=c&state=s", `${AT}?q=1`],
      [`${AT}#/route?tab=2&code=c&state=s`, "code=c&state=s", `${AT}#/route?tab=2`],
      [`${AT}#/code=c&state=s`, "code=c&state=s", `${AT}#/`],
      [`${AT}#tab=2&error=e&state=s`, "error=e&state=s", `${AT}#tab=2`],
      [`${AT}?code=c&state=s`, null],
      [`${AT}#/route`, null],
      [`${AT}#`, null],
    ],
    undefined,
    { responseMode: "fragment" },
  );
});

test("OIDC-3: an app's own scheme, and a redirect URI with a query", () => {
  check([["com.example.app://signed-in?code=c&state=s", "code=c&state=s", "com.example.app://signed-in"]], undefined, { redirectUri: "com.example.app://signed-in" });
  check([["https://app.test/?app=1&code=c&state=s", "code=c&state=s", "https://app.test/?app=1"]], undefined, { redirectUri: "https://app.test/?app=1" });
});

test("OIDC-9: what comes back from the end-session endpoint is its state alone, and only where this tab has left for there", () => {
  const rows: Row[] = [["https://app.test/bye?x=1&state=s#/r", "state=s", "https://app.test/bye?x=1#/r"], ["https://app.test/bye", null]];
  check(rows, "sign-out");
  for (const awaits of [undefined, "sign-in"] as const) check([["https://app.test/bye?state=s", null]], awaits);
  check([[`${AT}?code=c&state=s`, "code=c&state=s", AT], [`${AT}?code=c`, null]], "sign-out");
  assert.deepEqual([null, "{}", '{"v":1,"signedOut":true}'].map(awaitedIn), [undefined, "sign-in", "sign-out"]);
});

test("OIDC-3: what is too long to be read is taken out whole, and read by no loop", () => {
  const url = `${AT}?code=${"x".repeat(200_000)}&state=s#/r`;
  check([[url, "", `${AT}#/r`]], undefined);
});
