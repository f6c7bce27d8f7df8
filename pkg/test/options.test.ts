import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import type { CoreEndpoint, CoreOptions } from "../src/core/contract.js";
import { AuthError } from "../src/error.js";
import { readOptions } from "../src/options/options.js";
import { plainJson } from "../src/json.js";
import { openPage, type FakePage } from "./page.js";

let page: FakePage;
beforeEach(() => (page = openPage("https://app.test/dir/page?q#h")));
afterEach(() => {
  page.close();
});

const PAGE = "https://app.test/dir/page?q#h";
const read = (options: unknown): unknown => ({ ...readOptions(options, PAGE).core });
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function refuses(options: unknown, message: string): void {
  assert.throws(
    () => readOptions(options, "https://app.test/dir/page"),
    (error: unknown) => {
      assert.ok(error instanceof AuthError);
      assert.equal(error.code, "invalid_option");
      assert.equal(error.message, message);
      return true;
    },
  );
}

/** Settings that the native tests give to the core: they are what comes out here. */
const SETTINGS = JSON.parse(readFileSync(join(process.cwd(), "..", "tests", "support", "settings.json"), "utf8")) as Record<"defaults" | "whole", CoreOptions>;
/** Sign-in at a provider goes with no other one: its settings are read in oidc-options.test.ts. */
const DEFAULTS: CoreOptions = { ...SETTINGS.defaults, provider: null };
const NOTHING = { ...DEFAULTS, signIn: null, refresh: null, signOut: null, redirect: null, fingerprint: null };
const ENDPOINT = DEFAULTS.signIn;

test("defaults: the page's own origin, sessionStorage, and the rest", () => {
  assert.deepEqual(plain(read(undefined)), NOTHING);
  assert.deepEqual(plain(read({})), NOTHING);
  assert.deepEqual(plain(read({ origins: undefined, storage: undefined, signIn: undefined, schedule: undefined })), NOTHING);
  assert.deepEqual(plain(read({ schedule: {}, limits: {} })), NOTHING);
  const parts = { signIn: "/in", refresh: "/token", signOut: { url: "/out" }, redirect: { url: "https://login.test/" }, fingerprint: { mode: "server" } };
  assert.deepEqual(plain(read(parts)), DEFAULTS);
});

test("what the application asks for is what the core gets", () => {
  const options = {
    name: "mine",
    origins: ["https://api.test:8443/v1/", "http://localhost:7081"],
    storage: "local",
    tabs: "shared",
    header: { name: "X-Token", scheme: "Token" },
    signIn: {
      url: "in", method: "PUT", encoding: "form", body: { client: "app", all: true, none: undefined }, headers: { "X-A": "b\tc", "X-B": "d" }, credentials: "omit",
      csrf: { cookie: "__Host-Csrf", header: "X-Csrf", field: "csrf" }, bearer: true, timeoutSeconds: 1.5,
    },
    refresh: {
      url: "/token", method: "PATCH", encoding: "form", body: { grant_type: "refresh_token" }, headers: { "X-C": "e" }, credentials: "include",
      csrf: { cookie: "c", header: "X-D", field: "f" }, bearer: true, timeoutSeconds: 2, refreshToken: "memory", refreshTokenField: "rt",
    },
    signOut: () => Promise.resolve(),
    redirect: { url: "https://login.test/in", accept: ["fragment-token", "fragment-params"], returnParam: "back", callbackUrl: "../back", stateParam: "nonce", maxAgeSeconds: 3, hardClean: true },
    fingerprint: { mode: "client", claim: "fgp", cookie: "__Host-binding", field: "hash" },
    schedule: { leadSeconds: 4, jitterSeconds: 5, leewaySeconds: 6, everySeconds: 7, onStart: true, softExpiryClaim: "softexp", proactive: true },
    limits: { idleSeconds: 8, idleWarningSeconds: 9, sessionSeconds: 10, tokenBytes: 11 },
  };
  assert.deepEqual(plain(read(options)), { ...SETTINGS.whole, provider: null });
});

test("the prefix of the fingerprint's cookie is the core's to choose (SEC-22)", () => {
  for (const [cookie, bare] of [
    [undefined, "Fgp"],
    ["binding", "binding"],
    ["__Host-binding", "binding"],
    ["__host-binding", "binding"],
    ["__Secure-binding", "binding"],
    ["__Hostbinding", "__Hostbinding"],
    ["Host-binding", "Host-binding"],
  ] as const) {
    const { core } = readOptions({ fingerprint: { mode: "client", cookie } }, PAGE);
    assert.equal(core.fingerprint?.cookie, bare, cookie);
  }
});

test("a page that may have no token itself gets no default origin", () => {
  for (const [url, origins] of [
    ["http://192.168.0.9:3000/", []],
    ["capacitor://localhost/", []],
    ["about:blank", []],
    ["http://localhost:3000/x", [{ protocol: "http:", host: "localhost:3000", pathname: "/" }]],
  ] as const) {
    page.open(url);
    assert.deepEqual(plain(readOptions({}, url).core.origins), origins, url);
  }
});

test("URLs become absolute, URL objects too", () => {
  const { core } = readOptions(
    {
      origins: ["https://api.test", "https://API.test:443/v1/", "http://localhost:7081", "http://127.1/", "http://[::1]:8080", "http://a.localhost"],
      signIn: "auth",
      refresh: { url: "/token", refreshToken: "cookie", csrf: { cookie: "__Host-Csrf", header: "X-CSRF-Token" }, timeoutSeconds: 0 },
      signOut: { url: new URL("https://api.test/out"), headers: { "X-A": "b\tc" }, body: { all: true } },
      redirect: { url: "https://login.test/in", callbackUrl: "../back", stateParam: null, accept: ["fragment-token"] },
      tabs: "shared",
      name: "mine",
    },
    PAGE,
  );
  assert.deepEqual(plain(core.origins), [
    { protocol: "https:", host: "api.test", pathname: "/" },
    { protocol: "https:", host: "api.test", pathname: "/v1/" },
    { protocol: "http:", host: "localhost:7081", pathname: "/" },
    { protocol: "http:", host: "127.0.0.1", pathname: "/" },
    { protocol: "http:", host: "[::1]:8080", pathname: "/" },
    { protocol: "http:", host: "a.localhost", pathname: "/" },
  ]);
  const { signIn, refresh, signOut, redirect } = plain(core) as CoreOptions;
  assert.deepEqual(signIn, { ...ENDPOINT, url: "https://app.test/dir/auth" });
  const csrf = { cookie: "__Host-Csrf", header: "X-CSRF-Token", field: null };
  assert.deepEqual(refresh, { ...ENDPOINT, url: "https://app.test/token", timeoutSeconds: 0, refreshToken: "cookie", csrf });
  assert.deepEqual(signOut, { ...ENDPOINT, url: "https://api.test/out", body: '{"all":true}', headers: { "X-A": "b\tc" } });
  assert.deepEqual(redirect, { ...DEFAULTS.redirect, url: "https://login.test/in", accept: ["fragment-token"], callbackUrl: "../back", stateParam: null });
});

test("functions go to the host, a class may be a store", () => {
  class Store {
    readonly map = new Map<string, string>();
    get(key: string): string | null {
      return this.map.get(key) ?? null;
    }
    set(key: string, value: string): void {
      this.map.set(key, value);
    }
    remove(key: string): void {
      this.map.delete(key);
    }
  }
  const refresh = async (): Promise<null> => null;
  const signOut = async (): Promise<void> => undefined;
  const readTokens = (): { accessToken: string } => ({ accessToken: "" });
  const { core, functions } = readOptions({ storage: new Store(), refresh, signOut, readTokens }, "https://app.test/");
  assert.deepEqual(plain(core), { ...NOTHING, storage: "custom", refresh: "function", signOut: "function" });
  assert.deepEqual([functions.refresh, functions.signOut, functions.readTokens], [refresh, signOut, readTokens]);
  functions.storage?.set("a", "1");
  assert.equal(functions.storage?.get("a"), "1");

  const rejected = (): boolean => false;
  assert.equal(readOptions({ refresh: { url: "/t", rejected } }, "https://app.test/").functions.rejected, rejected);
});

test("what comes out has no prototype, and a polluted one changes nothing (SEC-35)", () => {
  const polluted = { url: "https://evil.test/", origins: ["https://evil.test"], headers: { a: "b" }, credentials: "include", storage: "local", remove: () => "x", mode: "client" };
  for (const [name, value] of Object.entries(polluted)) Object.defineProperty(Object.prototype, name, { value, configurable: true });
  try {
    const { core } = readOptions({ signIn: { url: "/a", body: {}, csrf: { cookie: "c", header: "h" } } }, "https://app.test/");
    const csrf = { cookie: "c", header: "h", field: null };
    assert.deepEqual(plain(core), { ...NOTHING, signIn: { ...ENDPOINT, url: "https://app.test/a", body: "{}", csrf } });
    const { keys, origins, header, schedule, limits } = core;
    const endpoint = core.signIn as CoreEndpoint;
    for (const made of [core, endpoint, endpoint.headers, endpoint.csrf, keys, origins[0], header, schedule, limits] as object[]) {
      assert.equal(Object.getPrototypeOf(made), null);
    }
    refuses({ signIn: {} }, "options.signIn.url must be a URL (https, or http on localhost), not undefined.");
    refuses({ storage: { get() {}, set() {} } }, 'options.storage must be "session", "memory", "local" or an object with the methods get, set and remove, not an object.');
  } finally {
    for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
  }
  const own = JSON.parse('{"__proto__":{"url":"https://evil.test/"}}') as object;
  refuses(own, "options.__proto__ does not exist; options may have name, origins, storage, tabs, header, unauthorized, renewFrom, allowHttp, fetch, provider, signIn, refresh, signOut, redirect, fingerprint, schedule, limits, readTokens.");
});

test("what crosses to the core as JSON is what was read, whatever toJSON a prototype has (SEC-35)", () => {
  const options = {
    origins: ["https://api.test"],
    redirect: { url: "/login", accept: ["fragment-token"] },
  };
  const expected = JSON.stringify(readOptions(options, PAGE).core);
  const evil = [{ protocol: "https:", host: "evil.test", pathname: "/" }];
  for (const prototype of [Object.prototype, Array.prototype]) {
    Object.defineProperty(prototype, "toJSON", { value: () => evil, configurable: true });
    try {
      assert.equal(plainJson(readOptions(options, PAGE).core), expected);
      assert.ok(plainJson(readOptions({}, PAGE).core).includes('"origins":[{"protocol":"https:","host":"app.test"'));
    } finally {
      Reflect.deleteProperty(prototype, "toJSON");
    }
  }
});

test("what a GET or HEAD would not send is refused, not left out", () => {
  const rule = (method: string, what: string): string => `must be one with a body, such as "POST": with ${method} ${what} would not be sent.`;
  for (const method of ["GET", "get", "HEAD"]) {
    refuses({ refresh: { url: "/t", method } }, `options.refresh.method ${rule(method, "the refresh token")}`);
    refuses({ signIn: { url: "/t", method } }, `options.signIn.method ${rule(method, "the credentials")}`);
  }
  const refresh = { url: "/t", method: "GET", refreshToken: "cookie" };
  const signOut = { url: "/o", method: "GET" };
  refuses({ refresh: { ...refresh, refreshToken: "memory", bearer: true } }, `options.refresh.method ${rule("GET", "the refresh token")}`);
  refuses({ refresh: { ...refresh, body: { a: 1 } } }, `options.refresh.method ${rule("GET", "the fields of body")}`);
  refuses({ refresh: { ...refresh, csrf: { cookie: "c", field: "f" } } }, `options.refresh.method ${rule("GET", "the field of csrf")}`);
  refuses({ refresh: { ...refresh, encoding: "form" } }, `options.refresh.method ${rule("GET", "what encoding writes")}`);
  refuses({ refresh, fingerprint: { mode: "client", cookie: "c" } }, `options.refresh.method ${rule("GET", "the fingerprint")}`);
  refuses({ refresh: "/t", signOut }, `options.signOut.method ${rule("GET", "the refresh token")}`);
  for (const good of [
    { refresh, signOut },
    { refresh: { ...refresh, csrf: { cookie: "c", header: "X-C" } } },
    { refresh: { url: "/t", method: "GET", bearer: true }, signOut },
    { refresh: "/t", signOut: { ...signOut, bearer: true } },
    { signOut },
    { refresh: () => null, signOut },
    { refresh: { url: "/t", method: "PUT" }, signIn: { url: "/t", method: "PATCH" } },
  ]) {
    readOptions(good, "https://app.test/");
  }
});

test("unknown names are slips of the pen", () => {
  refuses({ refesh: "/t" }, "options.refesh does not exist; options may have name, origins, storage, tabs, header, unauthorized, renewFrom, allowHttp, fetch, provider, signIn, refresh, signOut, redirect, fingerprint, schedule, limits, readTokens.");
  refuses({ schedule: { lead: 1 } }, "options.schedule.lead does not exist; options.schedule may have leadSeconds, jitterSeconds, leewaySeconds, everySeconds, onStart, softExpiryClaim, proactive.");
  refuses({ signIn: { url: "/a", refreshToken: "body" } }, "options.signIn.refreshToken does not exist; options.signIn may have url, method, encoding, body, headers, credentials, bearer, csrf, timeoutSeconds.");
  refuses({ refresh: { url: "/a", csrf: { cookie: "c", headers: "x" } } }, "options.refresh.csrf.headers does not exist; options.refresh.csrf may have cookie, header, field.");
});

test("wrong kinds", () => {
  refuses(5, "options must be an object, not the number 5.");
  refuses(null, "options must be an object, not null.");
  refuses([], "options must be an object, not an array.");
  refuses("https://api.test", "options must be an object, not a string.");
  refuses({ name: "" }, "options.name must be a string of 1 to 100 printable characters, not a string.");
  refuses({ origins: "https://api.test" }, 'options.origins must be an array of origins such as ["https://api.example.com"], not a string.');
  refuses({ storage: "cookie" }, 'options.storage must be "session", "memory", "local" or an object with the methods get, set and remove, not a string.');
  refuses({ tabs: "one" }, 'options.tabs must be one of "separate", "shared", not a string.');
  refuses({ signIn: 5 }, "options.signIn must be a URL, an object with a url, not the number 5.");
  refuses({ refresh: true }, "options.refresh must be a URL, an object with a url, or a function, not true.");
  refuses({ readTokens: {} }, "options.readTokens must be a function, not an object.");
  refuses({ signIn: { url: "/a", method: "PO ST" } }, 'options.signIn.method must be an HTTP method such as "POST", not a string.');
  refuses({ signIn: { url: "/a", method: "trace" } }, 'options.signIn.method must be an HTTP method such as "POST", not a string.');
  refuses({ signIn: { url: "/a", encoding: "xml" } }, 'options.signIn.encoding must be one of "json", "form", not a string.');
  refuses({ signIn: { url: "/a", bearer: 1 } }, "options.signIn.bearer must be true or false, not the number 1.");
  refuses({ signIn: { url: "/a", body: [] } }, "options.signIn.body must be an object, not an array.");
  const circle: Record<string, unknown> = { secret: "canary" };
  circle.again = circle;
  for (const body of [{ big: 1n }, circle]) refuses({ signIn: { url: "/a", body } }, "options.signIn.body must hold what JSON can hold.");
  refuses({ signIn: { url: "/a", headers: { "x y": "1" } } }, "options.signIn.headers must hold valid header names only.");
  refuses({ signIn: { url: "/a", headers: { x: "a\r\nb: c" } } }, 'options.signIn.headers["x"] must be a string that fits into a header, not a string.');
  refuses({ signIn: { url: "/a", credentials: "all" } }, 'options.signIn.credentials must be one of "omit", "same-origin", "include", not a string.');
  refuses({ refresh: { url: "/a", csrf: { cookie: "c" } } }, "options.refresh.csrf must name the header or the body field that carries the cookie's value.");
  refuses({ redirect: { url: "/a", accept: [] } }, 'options.redirect.accept must be an array of "fragment-token" and "fragment-params", with at least one of them, not an array.');
  refuses({ redirect: { url: "/a", accept: ["query"] } }, 'options.redirect.accept must be an array of "fragment-token" and "fragment-params", with at least one of them.');
  refuses({ redirect: { url: "/a", stateParam: "" } }, "options.redirect.stateParam must be a string that is not empty, not a string.");
  refuses({ fingerprint: {} }, 'options.fingerprint.mode must be one of "server", "client", not undefined.');
  refuses({ fingerprint: { mode: "client", cookie: "a;b" } }, 'options.fingerprint.cookie must be a name such as "X-CSRF-Token", not a string.');
});

/** What the options of one kind must be, which they are, and what they may not be. */
const KINDS: [rule: string, options: string, wrong: [value: unknown, shown: string][]][] = [
  ["must be a string that is not empty", "refresh.refreshTokenField redirect.returnParam redirect.stateParam fingerprint.claim fingerprint.field schedule.softExpiryClaim", [["", "a string"], [5, "the number 5"], [{}, "an object"]]],
  ["must be true or false", "signIn.bearer refresh.bearer redirect.hardClean schedule.onStart schedule.proactive", [["true", "a string"], [1, "the number 1"], [null, "null"]]],
  ["must be a finite number of at least 0", "signIn.timeoutSeconds refresh.timeoutSeconds redirect.maxAgeSeconds schedule.leadSeconds schedule.jitterSeconds schedule.leewaySeconds schedule.everySeconds limits.idleSeconds limits.idleWarningSeconds limits.sessionSeconds limits.tokenBytes", [[-1, "the number -1"], [NaN, "NaN"], ["5", "a string"]]],
  ['must be one of "body", "memory", "cookie"', "refresh.refreshToken", [["header", "a string"], [true, "true"]]],
  ['must be one of "server", "client"', "fingerprint.mode", [["both", "a string"], [1, "the number 1"]]],
];

test("the core is given nothing that it would have to check", () => {
  const base: Record<string, object> = { signIn: { url: "/a" }, refresh: { url: "/a" }, redirect: { url: "/a" }, fingerprint: { mode: "server" }, schedule: {}, limits: {} };
  for (const [rule, options, wrong] of KINDS) {
    for (const option of options.split(" ")) {
      const [part = "", name = ""] = option.split(".");
      for (const [value, shown] of wrong) refuses({ [part]: { ...base[part], [name]: value } }, `options.${option} ${rule}, not ${shown}.`);
    }
  }
  for (const part of ["redirect", "fingerprint", "schedule", "limits"]) {
    refuses({ [part]: 5 }, `options.${part} must be an object, not the number 5.`);
    assert.throws(() => readOptions({ [part]: { ...base[part], unknown: 1 } }, PAGE), { code: "invalid_option", message: new RegExp(`^options.${part}.unknown does not exist; `) });
  }
  refuses({ name: 5 }, "options.name must be a string of 1 to 100 printable characters, not the number 5.");
});

test("texts are well-formed: half a character can be neither sent nor kept", () => {
  const base: Record<string, object> = { signIn: { url: "/a" }, refresh: { url: "/a" }, redirect: { url: "/a" }, fingerprint: { mode: "server" }, schedule: {}, limits: {} };
  const options = `name ${KINDS[0]?.[1] ?? ""} redirect.callbackUrl redirect.url signIn.url signIn.method fingerprint.cookie`;
  for (const half of ["\ud800", "a\udc00b", "\udc00\ud800"]) {
    for (const option of options.split(" ")) {
      const [part = "", name] = option.split(".");
      const value = name === undefined ? half : { ...base[part], [name]: half };
      refuses({ [part]: value }, `options.${option} must be well-formed text.`);
    }
  }
  assert.equal(readOptions({ name: "\ud83d\ude00" }, PAGE).name, "😀");
});

test("numbers are finite and at least 0", () => {
  for (const [value, shown] of [[NaN, "NaN"], [Infinity, "Infinity"], [-1, "the number -1"], ["5", "a string"], [5n, "a bigint"], [null, "null"]] as const) {
    refuses({ schedule: { leadSeconds: value } }, `options.schedule.leadSeconds must be a finite number of at least 0, not ${shown}.`);
    refuses({ limits: { idleSeconds: value } }, `options.limits.idleSeconds must be a finite number of at least 0, not ${shown}.`);
    refuses({ redirect: { url: "/a", maxAgeSeconds: value } }, `options.redirect.maxAgeSeconds must be a finite number of at least 0, not ${shown}.`);
    refuses({ refresh: { url: "/a", timeoutSeconds: value } }, `options.refresh.timeoutSeconds must be a finite number of at least 0, not ${shown}.`);
  }
});

test("what ends or repeats something does so after some time (design 5.27)", () => {
  for (const [part, name] of [["limits", "idleSeconds"], ["limits", "sessionSeconds"], ["schedule", "everySeconds"]] as const) {
    for (const value of [0, -0]) refuses({ [part]: { [name]: value } }, `options.${part}.${name} must be more than 0; leave it out for never.`);
    readOptions({ [part]: { [name]: 0.001 } }, PAGE);
  }
});

test("origins that may not have a token: plain http is for loopback only (SEC-12)", () => {
  const rule = 'must be an origin such as "https://api.example.com", with a path prefix if need be (https, or http on localhost)';
  for (const [origin, rest] of [
    ["api.example.com", "; it is no absolute URL"],
    ["/v1/", "; it is no absolute URL"],
    ["//api.test", "; it is no absolute URL"],
    ["https://", "; it is no absolute URL"],
    ["localhost:8080", ", not localhost://8080"],
    ["http://api.test/x?secret", ", not http://api.test/x"],
    ["http://api.example", ", not http://api.example/"],
    ["http://localhost.evil.test", ", not http://localhost.evil.test/"],
    ["http://127.evil.com", ", not http://127.evil.com/"],
    ["http://1.127.0.0", ", not http://1.127.0.0/"],
    ["http://notlocalhost", ", not http://notlocalhost/"],
    ["null", "; it is no absolute URL"],
    ["file:///", ", not file:///"],
    ["http://127.0.0.1.evil.test", ", not http://127.0.0.1.evil.test/"],
    ["http://[::2]", ", not http://[::2]/"],
    ["ftp://api.test", ", not ftp://api.test/"],
    ["data:text/plain,x", ", not data://text/plain,x"],
    ["https://user:pw@api.test", ", without user name, query and fragment"],
    ["https://api.test/?a", ", without user name, query and fragment"],
    ["https://api.test/#", ", without user name, query and fragment"],
    ["https://api.test/a%2Fb", ", without an encoded slash in the path"],
  ] as const) {
    refuses({ origins: ["https://ok.test", origin] }, `options.origins[1] ${rule}${rest}.`);
  }
  refuses({ origins: [7] }, `options.origins[0] ${rule}, not the number 7.`);
});

test("allowHttp: a page that came over http may name addresses of its own network (SEC-12)", () => {
  const lan = "http://192.168.1.20:8100/";
  const own = [
    "http://10.0.0.1", "http://172.16.0.1", "http://172.31.255.1", "http://192.168.1.5:3000/api", "http://169.254.1.1",
    "http://[fd00::1]", "http://[fe80::1]", "http://printer.local:8080", "http://my.mac.local", "http://devbox", "http://3232235777",
  ];
  const foreign = [
    "http://api.example.com", "http://11.0.0.1", "http://172.32.0.1", "http://172.15.0.1", "http://192.169.1.1", "http://8.8.8.8",
    "http://[2001:db8::1]", "http://[::ffff:8.8.8.8]", "http://evil.local.example.com", "http://local.example", "http://10.0.0.1.evil.test", "ws://10.0.0.1",
  ];
  for (const origin of own) {
    assert.equal(readOptions({ allowHttp: true, origins: [origin] }, lan).core.origins.length, 1, origin);
    assert.equal(readOptions({ allowHttp: true, origins: [], signIn: `${origin}/login` }, lan).allowsHttp, true);
    for (const [allowHttp, page] of [[false, lan], [undefined, lan], [true, "https://app.example.com/"], [true, "capacitor://localhost/"], [true, undefined]] as const) {
      assert.throws(() => readOptions({ allowHttp, origins: [origin] }, page), { code: "invalid_option" }, `${origin} on ${String(page)}`);
    }
  }
  for (const origin of foreign) {
    assert.throws(() => readOptions({ allowHttp: true, origins: [origin] }, lan), { code: "invalid_option", message: /on localhost or a private network/ }, origin);
  }
  // The page's own origin, where it is one of these.
  assert.deepEqual(readOptions({ allowHttp: true }, lan).core.origins.map(({ host }) => host), ["192.168.1.20:8100"]);
  assert.deepEqual(readOptions({ allowHttp: true }, "http://example.com/").core.origins, []);
  assert.equal(readOptions({ allowHttp: true, origins: ["http://10.0.0.1"] }, "http://localhost:8100/").allowsHttp, true);
  assert.throws(() => readOptions({ allowHttp: "yes" }, lan), { code: "invalid_option" });
});

test("endpoints and login pages", () => {
  refuses({ signIn: "http://api.test/a?p=1" }, "options.signIn must be a URL (https, or http on localhost), not http://api.test/a.");
  refuses({ signIn: "" }, "options.signIn must be a URL (https, or http on localhost), not a string.");
  refuses({ refresh: "https://u@api.test/" }, "options.refresh must be a URL (https, or http on localhost), without user name and password.");
  refuses({ refresh: { url: "https://[" } }, "options.refresh.url must be a URL (https, or http on localhost); it cannot be parsed.");
  const rule = "options.redirect.url must be a URL (https, or http on localhost)";
  refuses({ redirect: {} }, `${rule}, not undefined.`);
  // The state goes there, and a token comes back: nobody on the way may read or change that.
  for (const [url, shown] of [
    ["http://login.test/in?a", "http://login.test/in"],
    ["http://localhost.evil.test/", "http://localhost.evil.test/"],
    ["http://192.168.0.9/", "http://192.168.0.9/"],
    ["http://10.0.0.1:8080/", "http://10.0.0.1:8080/"],
    ["javascript:alert(1)", "javascript://alert(1)"],
    ["ftp://login.test/", "ftp://login.test/"],
  ] as const) {
    refuses({ redirect: { url } }, `${rule}, not ${shown}.`);
  }
  for (const url of ["https://login.test/", "/login", "http://localhost:7080/login", "http://127.0.0.1/", "http://[::1]:1/", "http://a.localhost/"]) {
    assert.doesNotThrow(() => readOptions({ redirect: { url } }, PAGE), url);
  }
  for (const callbackUrl of ["https://evil.test/", "//evil.test", "javascript:0", "data:,x", "blob:https://app.test/x"]) {
    refuses({ redirect: { url: "/a", callbackUrl } }, "options.redirect.callbackUrl must be a URL on this page's own origin, or one of this app's own scheme.");
  }
  assert.doesNotThrow(() => readOptions({ redirect: { url: "/a", callbackUrl: "com.example.app://callback" } }, "https://app.test/"));
});

test("on a server, relative URLs are only checked", () => {
  page.close();
  const { core } = readOptions({ signIn: "/auth", redirect: { url: "/login", callbackUrl: "https://app.test/" } }, undefined);
  assert.deepEqual(core.origins, []);
});

test("no message repeats a value that may be secret (SEC-40)", () => {
  const canary = "s3cr3t-canary";
  for (const options of [
    { signIn: { url: "/a", headers: { authorization: `Basic ${canary}\n` } } },
    { signIn: { url: "/a", body: canary } },
    { signIn: `https://${canary}@api.test/` },
    { signIn: `http://api.test/?${canary}#${canary}` },
    { origins: [`https://api.test/?k=${canary}`] },
    { origins: [`http://u:${canary}@api.test/`] },
    { signIn: canary.repeat(0) + `https://[${canary}` },
  ]) {
    assert.throws(
      () => readOptions(options, "https://app.test/"),
      (error: AuthError) => !JSON.stringify([error, error.message, error.stack]).includes(canary),
    );
  }
});
