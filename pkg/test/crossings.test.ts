import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promiseHooks } from "node:v8";
import type * as Hallpass from "../src/index.js";

/*
 * What a call costs, counted in the package as it is shipped: calls into WebAssembly, calls out of it, promises. All
 * of its exports and imports are wrapped; the engine itself tells of promises. CONTRIBUTING.md has the table.
 */

const API = "https://app.test/api/items";
const ENDPOINTS = { signIn: "/in", refresh: "/token", signOut: "/out" };
const counted = { into: 0, outOf: 0, promises: 0 };

/** Takes no turn of the event loop, and makes no promise: only the package's own are counted. */
const answers = new Map<string, Promise<unknown>>();
const platform = { fetch: globalThis.fetch, instantiate: WebAssembly.instantiate };
const exportsOfInstance = Object.getOwnPropertyDescriptor(WebAssembly.Instance.prototype, "exports") as PropertyDescriptor;
let auth: Hallpass.Auth;
let hallpass: typeof Hallpass;
let stopHook: () => void;

before(async () => {
  // Newer versions of Node have Web Locks, older ones have not.
  Object.defineProperty(globalThis, "navigator", { value: undefined, configurable: true });
  Object.assign(globalThis, {
    location: { href: "https://app.test/" },
    document: { baseURI: "https://app.test/" },
    fetch: (url: string) => answers.get(url),
  });
  Object.assign(WebAssembly, { instantiate: instantiateCounting });
  Object.defineProperty(WebAssembly.Instance.prototype, "exports", { ...exportsOfInstance, get: exportsCounting });
  hallpass = (await import(`${pathToFileURL(join(process.cwd(), "dist", "index.js")).href}?crossings`)) as typeof Hallpass;
  auth = hallpass.createAuth({ storage: "memory", schedule: { proactive: false }, ...ENDPOINTS });
  answers.set(API, Promise.resolve(new Response("{}")));
  for (const path of Object.values(ENDPOINTS)) answers.set(`https://app.test${path}`, Promise.resolve(tokenAnswer()));
  await auth.signIn({ username: "ada" });
  // Those that `await` makes for the hook's own sake have a parent.
  stopHook = promiseHooks.onInit((_promise, parent) => {
    if (parent === undefined) counted.promises += 1;
  }) as () => void;
});

after(() => {
  stopHook();
  auth.close();
  Object.assign(WebAssembly, { instantiate: platform.instantiate });
  Object.defineProperty(WebAssembly.Instance.prototype, "exports", exportsOfInstance);
  Object.assign(globalThis, { fetch: platform.fetch });
});

const CALLS: Readonly<Record<string, () => unknown>> = {
  "`token()`, the token is good": () => auth.token(),
  "`fetch`, the address was asked before": () => auth.fetch(API),
  "`decodeToken`": () => hallpass.decodeToken(tokenOf("ada")),
};

/** Those that ask the server. */
const EXCHANGES: Readonly<Record<string, () => Promise<unknown>>> = {
  "`signIn()`, by an endpoint": () => auth.signIn({ username: "ada" }),
  "`refresh()`, by an endpoint": () => auth.refresh(),
  "`signOut()`, by an endpoint": () => auth.signOut(),
};

for (const [name, call] of Object.entries({ ...CALLS, ...EXCHANGES })) {
  test(`the crossings of ${name.replaceAll("`", "")} are those of the table in CONTRIBUTING.md`, async () => {
    await call(); // what is made once, is there
    if (name in EXCHANGES) await auth.signIn({ username: "ada" });
    assert.equal(await row(name), await cost(call, name in CALLS));
  });
}

async function cost(call: () => unknown, isAtOnce: boolean): Promise<string> {
  Object.assign(counted, { into: 0, outOf: 0, promises: 0 });
  const result = call();
  const atOnce = counted.promises;
  await result;
  // The wait itself makes none: the promise of the call is there.
  const { into, outOf, promises } = counted;
  if (isAtOnce) assert.equal(promises, atOnce, "all promises are made in the call itself");
  return `${String(into)} | ${String(outOf)} | ${String(promises)}`;
}

/** Like a `Response`, with one piece in its body. A real one makes promises of its own. */
function tokenAnswer(): object {
  const body = JSON.stringify({ access_token: tokenOf("ada"), refresh_token: "R", expires_in: 3_600 });
  const reads = [{ done: false, value: new TextEncoder().encode(body) }, { done: true }].map((step) => Promise.resolve(step));
  const getReader = (): object => {
    let at = 0;
    return { read: () => reads[at++] };
  };
  return { status: 200, headers: new Headers(), body: { getReader } };
}

/** The numbers that the table has for this call. */
async function row(name: string): Promise<string | undefined> {
  const text = await readFile(join(process.cwd(), "..", "CONTRIBUTING.md"), "utf8");
  const line = text.split("\n").find((line) => line.startsWith(`| ${name} |`));
  return line?.slice(name.length + 5, -2);
}

function instantiateCounting(module: WebAssembly.Module, imports: WebAssembly.Imports): Promise<WebAssembly.Instance> {
  const counting = Object.entries(imports).map(([name, functions]) => [name, wrapped(functions, "outOf")]);
  return platform.instantiate(module, Object.fromEntries(counting) as WebAssembly.Imports);
}

function exportsCounting(this: WebAssembly.Instance): object {
  return wrapped(exportsOfInstance.get?.call(this) as object, "into");
}

/** The same members; each function counts its calls. */
function wrapped(members: object, direction: "into" | "outOf"): object {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]: [string, unknown]) => [name, typeof member === "function" ? counting(member, direction) : member]),
  );
}

function counting(run: unknown, direction: "into" | "outOf"): (...args: unknown[]) => unknown {
  return (...args) => {
    counted[direction] += 1;
    return Reflect.apply(run as () => unknown, undefined, args) as unknown;
  };
}

function tokenOf(sub: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part({ sub, iss: "https://login.test", exp: 4_000_000_000 })}.c2lnbmVk`;
}
