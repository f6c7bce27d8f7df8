import assert from "node:assert/strict";
import { test } from "node:test";
import { findCallback } from "../src/redirect/callback.js";

const JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl";
const OPAQUE = "2YotnFZFEjr1zCsicMWpAA";
const BOTH = ["fragment-params", "fragment-token"] as const;

/** fragment → [what the core gets, what the fragment becomes], or null: no callback. */
type Row = [fragment: string, taken: string, left: string] | [fragment: string, nothing: null];

function check(rows: Row[], accept: readonly ("fragment-params" | "fragment-token")[], pending: boolean): void {
  for (const base of ["https://app.test/", "https://app.test/path?code=mine&x=%41#"]) {
    for (const [fragment, taken, left] of rows) {
      const page = base.replace("#", "");
      const expected = taken === null ? undefined : { fragment: taken, cleaned: left === "" ? page : `${page}#${left ?? ""}` };
      assert.deepEqual(findCallback(`${page}#${fragment}`, accept, pending, "state"), expected, `#${fragment}`);
    }
  }
}

const PARAMETERS: Row[] = [
  ["access_token=a", "access_token=a", ""],
  ["access_token=a&token_type=Bearer&expires_in=300&state=s", "access_token=a&token_type=Bearer&expires_in=300&state=s", ""],
  ["access_token=a&scope=x%20y&id_token=i&refresh_token=r&session_state=z&code=c&iss=https%3A%2F%2Fas&token=t",
    "access_token=a&scope=x%20y&id_token=i&refresh_token=r&session_state=z&code=c&iss=https%3A%2F%2Fas&token=t", ""],
  ["error=access_denied&error_description=No%20way&error_uri=u&state=s", "error=access_denied&error_description=No%20way&error_uri=u&state=s", ""],
  // Foreign parameters stay as they are, wherever they stand.
  ["tab=2&access_token=a&state=s", "access_token=a&state=s", "tab=2"],
  ["access_token=a&tab=2&state=s", "access_token=a&state=s", "tab=2"],
  ["access_token=a&state=s&tab=2&q=%zz&q=+", "access_token=a&state=s", "tab=2&q=%zz&q=+"],
  ["a=1&access_token=a&b=2&state=s&c", "access_token=a&state=s", "a=1&b=2&c"],
  ["access_token=a&state=s#_=_", "access_token=a&state=s", "_=_"],
  ["?access_token=a&state=s", "access_token=a&state=s", ""],
  ["?access_token=a&tab=2", "access_token=a", "?tab=2"],
  ["&access_token=a", "access_token=a", ""],
  // Routers.
  ["/route?access_token=a&state=s", "access_token=a&state=s", "/route"],
  ["/route?tab=2&access_token=a&state=s", "access_token=a&state=s", "/route?tab=2"],
  ["/route?access_token=a&tab=2&state=s", "access_token=a&state=s", "/route?tab=2"],
  ["/route&access_token=a&state=s", "access_token=a&state=s", "/route"],
  ["/route#access_token=a&state=s", "access_token=a&state=s", "/route"],
  ["/route?tab=2#access_token=a&state=s", "access_token=a&state=s", "/route?tab=2"],
  ["/?access_token=a", "access_token=a", "/"],
  ["/access_token=a&state=s", "access_token=a&state=s", "/"],
  ["!/route?access_token=a&state=s", "access_token=a&state=s", "!/route"],
  ["!/route/%C3%A9?tab=%2&error=e&state=s", "error=e&state=s", "!/route/%C3%A9?tab=%2"],
  // A second set hides nowhere: the core sees it, and refuses.
  ["/route?state=x#access_token=a&state=s", "state=x&access_token=a&state=s", "/route"],
  ["access_token=a&access_token=b&state=s&state=t", "access_token=a&access_token=b&state=s&state=t", ""],
  // Encoded names are names; values are not looked at.
  ["access%5Ftoken=a&st%61te=s", "access%5Ftoken=a&st%61te=s", ""],
  ["access_token=%E0%A4%A&state=%", "access_token=%E0%A4%A&state=%", ""],
  ["access_token=&state=s", "access_token=&state=s", ""],
  ["access_token=a?b=c&tab=2", "access_token=a?b=c", "tab=2"],
  ["access_token=a&returnUrl=/x?y=1", "access_token=a", "returnUrl=/x?y=1"],
  ["access_token=a&", "access_token=a", ""],
  // Not ours.
  ["", null],
  ["about", null],
  ["access_token", null],
  ["state=s", null],
  ["code=c&state=s", null],
  ["error=e", null],
  ["error", null],
  ["id_token=i", null],
  ["token=t", null],
  ["my_access_token=a", null],
  ["Access_Token=a", null],
  ["/route", null],
  ["/route/access_token=a", null],
  ["/route?tab=2", null],
  ["%", null],
  ["%E0%A4%A&%=%&=", null],
];

test("fragment-params: what is a callback, and what stays (SEC-06)", () => {
  check(PARAMETERS, ["fragment-params"], false);
  check([[JWT, null], [OPAQUE, null]], ["fragment-params"], true);
});

test("fragment-params: an error without state counts only where this tab waits", () => {
  check([["error=e", "error=e", ""], ["/r?error=e&x=1", "error=e", "/r?x=1"], ["error", null]], ["fragment-params"], true);
});

test("the state is found under its own name, and leaves the address bar with the rest", () => {
  const find = (fragment: string, stateParam: string | null, pending = false): string | undefined => {
    const found = findCallback(`https://app.test/#${fragment}`, ["fragment-params"], pending, stateParam);
    return found && `${found.fragment} | ${found.cleaned.slice("https://app.test/".length)}`;
  };
  assert.equal(find("access_token=a&relay=s&tab=2", "relay"), "access_token=a&relay=s | #tab=2");
  assert.equal(find("/r?relay=s&access_token=a", "relay"), "relay=s&access_token=a | #/r");
  assert.equal(find("access_token=a&rel%61y=s", "relay"), "access_token=a&rel%61y=s | ");
  assert.equal(find("error=e&relay=s", "relay"), "error=e&relay=s | ");
  assert.equal(find("error=e&state=s", "relay"), undefined, "another's state is no sign");
  assert.equal(find("relay=s", "relay"), undefined);
  assert.equal(find("access_token=a&relay=s", "state"), "access_token=a | #relay=s");
  assert.equal(find("error=e&state=s", null), undefined);
  assert.equal(find("error=e&state=s", null, true), "error=e&state=s | ");
});

test("a callback that was encoded as a whole is one where this tab waits (SEC-06)", () => {
  const whole: Row[] = [
    ["access_token%3DT%26state%3DS", "access_token=T&state=S", ""],
    ["access_token%3dT%26state%3dS", "access_token=T&state=S", ""],
    ["access%5Ftoken%3DT%26state%3DS", "access_token=T&state=S", ""],
    ["access_token%253DT%2526state%253DS", "access_token=T&state=S", ""],
    ["access_token%3DT&state%3DS", "access_token=T&state=S", ""],
    ["access_token%3DT&state=S", "access_token=T&state=S", ""],
    ["error%3Daccess_denied%26state%3DS", "error=access_denied&state=S", ""],
    ["%3Faccess_token%3DT%26state%3DS", "access_token=T&state=S", ""],
    ["/route?access_token%3DT%26state%3DS", "access_token=T&state=S", "/route"],
    ["tab%3D2%26access_token%3DT%26q%3D%25C3%25A9", "access_token=T", "tab=2&q=%25C3%25A9"],
    // What cannot be decoded whole is taken apart all the same.
    ["access_token%3D%E0%A4%A%26state%3DS", "access_token=%E0%A4%A&state=S", ""],
  ];
  check(whole, ["fragment-params"], true);
  check(whole.map(([fragment]) => [fragment, null]), ["fragment-params"], false);
  check([[`${OPAQUE}%3D%3D`, `${OPAQUE}==`, ""], ["a%20heading%20of%20the%20page", null]], ["fragment-token"], true);
  // An encoded sign within a value belongs to the value.
  check([["q=a%26access_token%3DT", null], ["/search?q=access_token%3DT", null], ["/caf%C3%A9", null], ["100%25", null]], BOTH, true);
});

test("fragment-token: a JWT always, an opaque token only where this tab waits for one (SEC-13)", () => {
  const always: Row[] = [
    [JWT, JWT, ""],
    ["eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJub25lIn0.e30.", ""],
    ["about", null],
    ["section-1.2.3", null],
    ["1.2.3", null],
    ["e.2.3", null],
    [`/${JWT}`, null],
    [`!${JWT}`, null],
    [`token=${JWT}`, null],
    [`${JWT}%0A`, null],
    [`${JWT} `, null],
    ["access_token=a&state=s", null],
    ["", null],
  ];
  check([...always, [OPAQUE, null]], ["fragment-token"], false);
  check(
    [...always, [OPAQUE, OPAQUE, ""], ["abcdefghijklmnopqrst", "abcdefghijklmnopqrst", ""], ["abcdefghijklmnopqrs", null], [`${OPAQUE}==`, `${OPAQUE}==`, ""],
      ["this-is-a-heading/with/slashes", "this-is-a-heading/with/slashes", ""], [`/${OPAQUE}`, null], ["with space in it, and long", null]],
    ["fragment-token"],
    true,
  );
});

test("both forms together", () => {
  check([...PARAMETERS.filter(([, taken]) => taken !== null), [JWT, JWT, ""], ["about", null]], BOTH, false);
});

test("URLs without a fragment are none", () => {
  assert.equal(findCallback("https://app.test/?access_token=a&state=s", BOTH, true, "state"), undefined);
  assert.equal(findCallback("", BOTH, true, "state"), undefined);
});

test("a megabyte of anything is fast and harmless (SEC-15)", () => {
  const started = performance.now();
  for (const text of ["a", "&", "?", "#", "%", "=", "a=b&", "access_token=a&", ".", "e.", "/", "eyJ", "\ud800", "\0"]) {
    findCallback(`https://app.test/#${text.repeat(1_000_000 / text.length)}`, BOTH, true, "state");
    findCallback(`https://app.test/#/r?${text.repeat(1_000_000 / text.length)}`, BOTH, false, "state");
  }
  assert.ok(performance.now() - started < 20_000);
});

test("a fragment of megabytes is not read: it is taken whole, or left alone (SEC-36)", () => {
  const long = "a".repeat(2 * 1024 * 1024);
  const taken = (fragment: string, accept: readonly ("fragment-params" | "fragment-token")[], pending: boolean): boolean | undefined => {
    // Work, not time: other work on the machine does not count.
    const before = process.cpuUsage();
    const found = findCallback(`https://app.test/#${fragment}`, accept, pending, "state", 160_000);
    assert.ok(process.cpuUsage(before).user < 200_000, fragment.slice(0, 40));
    if (found === undefined) return false;
    assert.deepEqual(found, { fragment: "", cleaned: "https://app.test/" });
    return true;
  };
  for (const [fragment, accept, pending, expected] of [
    [`access_token=${long}`, ["fragment-params"], false, true],
    [`x=${long}&access_token=t&state=s`, ["fragment-params"], false, true],
    [`/route?x=${long}&access_token=t`, ["fragment-params"], false, true],
    [`error=${long}&state=s`, ["fragment-params"], false, true],
    [`error=${long}`, ["fragment-params"], false, false],
    [`error=${long}`, ["fragment-params"], true, true],
    [`access_token=${long}`, ["fragment-token"], false, false],
    [`${JWT}${long}`, ["fragment-token"], false, true],
    [`eyJ${long}`, BOTH, false, true],
    [`${JWT}${long}`, ["fragment-params"], true, false],
    [long, ["fragment-token"], false, false],
    [long, ["fragment-token"], true, true],
    // An application's own.
    [`/route/${long}`, BOTH, true, false],
    [`drawing=${long}&my_access_token=1`, BOTH, true, false],
    [`%7B${long}`, BOTH, true, false],
  ] as const) {
    assert.equal(taken(fragment, accept, pending), expected, `${fragment.slice(0, 40)} ${accept.join()}`);
  }
  assert.equal(findCallback(`https://app.test/#access_token=${"a".repeat(1_000)}`, BOTH, false, "state", 160_000)?.fragment.length, 1_013);
});
