import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import type * as Hallpass from "../src/index.js";

/*
 * What the build cuts out of the core (`xtask/src/build/strip_panics.rs`), nothing may miss. The package as it is shipped,
 * the same with the core for a provider, and with that core neither cut nor optimised, lead the same random lives over the
 * border that users have: what they give, store, send and report must be alike, and none may break. So without a provider
 * the two cores are one.
 */

/** Tests run from the package's folder. */
const root = process.cwd();
const dist = join(root, "dist", "index.js");
const SEEDS = 120;
const STEPS = 40;

describe("the core as it is shipped, beside one with nothing cut out", () => {
  let folder: string;
  /** By the file of its core. */
  let shipped: readonly [string, typeof Hallpass][];
  let whole: typeof Hallpass;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "hallpass-unstripped-"));
    installPage();
    const generated = join(root, "generated");
    const unstripped = join(generated, "unstripped");
    shipped = [
      ["hallpass.wasm", (await import(pathToFileURL(dist).href)) as typeof Hallpass],
      ["hallpass-provider.wasm", await buildWith(join(generated, "core.js"), join(generated, "hallpass-provider.wasm"), join(folder, "provider.mjs"))],
    ];
    whole = await buildWith(join(unstripped, "core.js"), join(unstripped, "core_bg.wasm"), join(folder, "whole.mjs"));
    const all = [...shipped.map(([, hallpass]) => hallpass), whole];
    assert.equal(new Set(all.map(({ createAuth }) => createAuth)).size, 3);
    await Promise.all(all.map(({ load }) => load()));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  test("random lives", async () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const lines = await live(whole, seed);
      for (const [name, hallpass] of shipped) assert.deepEqual(await live(hallpass, seed), lines, `${name}, seed ${String(seed)}`);
      for (const line of lines) {
        assert.doesNotMatch(line, /core_failed|unreachable executed|RuntimeError/, `seed ${String(seed)}`);
        const what = /"(?:code|type|reason|status)":"([\w-]+)"/g;
        for (const [, name = ""] of line.matchAll(what)) seen.set(name, (seen.get(name) ?? 0) + 1);
      }
    }
    // They go where something can go wrong.
    for (const name of EXPECTED) assert.ok((seen.get(name) ?? 0) > 0, `no life met ${name}: ${JSON.stringify([...seen])}`);
  });

  test("each text of JSONTestSuite: as a token's two parts, as an answer, as what was stored", async () => {
    const texts = jsonTexts();
    assert.ok(texts.length > 300);
    for (const text of texts) {
      const lines = await readEverywhere(whole, text);
      for (const [name, hallpass] of shipped) assert.deepEqual(await readEverywhere(hallpass, text), lines, `${name}, ${text.slice(0, 100)}`);
    }
  });
});

/** What the lives together must have met. */
const EXPECTED = [
  "malformed_token", "token_too_large", "invalid_response", "refresh_unavailable", "sign_in_rejected", "sign_in_unavailable",
  "signed_out", "callback_unsolicited", "callback_malformed", "restored", "signed-in", "refreshed", "refresh-failed", "expired", "rejected", "other-tab", "user",
];

// ── the other packages ──

/** The sources with this core in the place of the one for everybody. */
async function buildWith(glue: string, wasm: string, outfile: string): Promise<typeof Hallpass> {
  const { glueFactory } = (await import(pathToFileURL(join(root, "scripts", "glue.mjs")).href)) as { glueFactory: (glue: string) => string };
  const contents: Record<string, () => string> = {
    "glue.js": () => glueFactory(readFileSync(glue, "utf8")),
    "core-text.js": () => `export const HEX = "${readFileSync(wasm, "hex")}";`,
  };
  await build({
    absWorkingDir: root,
    entryPoints: ["src/index.ts"],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2020",
    define: { "import.meta": "undefined" },
    logLevel: "warning",
    plugins: [
      {
        name: "other-core",
        setup(plugins) {
          plugins.onLoad({ filter: /generated[\\/](glue|core-text)\.js$/ }, ({ path }) => {
            const name = path.endsWith("glue.js") ? "glue.js" : "core-text.js";
            return { contents: contents[name]?.() ?? "", resolveDir: join(root, "generated") };
          });
        },
      },
    ],
  });
  return (await import(pathToFileURL(outfile).href)) as typeof Hallpass;
}

// ── a page that does the same each time ──

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** What a life changes. Each begins anew. */
class World {
  now = 1_800_000_000_000;
  readonly random: () => number;
  readonly lines: string[] = [];
  readonly timers = new Map<number, Timer>();
  readonly stores = { session: new Map<string, string>(), local: new Map<string, string>() };
  readonly channels = new Set<FakeChannel>();
  cookie = "";
  timerIds = 0;

  constructor(seed: number) {
    this.random = mulberry32(seed);
  }

  note(what: string, value: unknown): void {
    this.lines.push(`${what} ${JSON.stringify(value, (_, it: unknown) => (it instanceof Error ? told(it) : it))}`);
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

let world = new World(0);

class FakeChannel extends EventTarget {
  onmessage: ((event: MessageEvent) => void) | null = null;
  constructor(readonly name: string) {
    super();
    world.channels.add(this);
  }
  postMessage(data: unknown): void {
    world.note("posted", data);
    for (const other of world.channels) if (other !== this && other.name === this.name) other.hear(data);
  }
  hear(data: unknown): void {
    setImmediate(() => {
      if (!world.channels.has(this)) return;
      const event = new MessageEvent("message", { data });
      this.onmessage?.(event);
      this.dispatchEvent(event);
    });
  }
  close(): void {
    world.channels.delete(this);
  }
}

const location = {
  href: "https://app.test/",
  assign(url: string) {
    this.href = url;
    world.note("left", url);
  },
};

function installPage(): void {
  const store = (name: "session" | "local") => ({
    getItem: (key: string) => world.stores[name].get(key) ?? null,
    setItem: (key: string, value: string) => {
      world.note(`stored ${name} ${key}`, value);
      world.stores[name].set(key, value);
    },
    removeItem: (key: string) => void world.stores[name].delete(key),
  });
  const page = {
    location,
    history: { state: null, replaceState: (_state: unknown, _title: string, url: string) => void (location.href = url) },
    document: {
      baseURI: "https://app.test/",
      get cookie() {
        return world.cookie;
      },
      set cookie(text: string) {
        world.note("cookie", text);
        world.cookie = text.split(";")[0] ?? "";
      },
    },
    sessionStorage: store("session"),
    localStorage: store("local"),
    BroadcastChannel: FakeChannel,
    navigator: { locks: { request: (...args: unknown[]) => Promise.resolve().then(() => (args.at(-1) as (lock: object) => unknown)({})) } },
    setTimeout: (run: () => void, ms = 0) => {
      world.timers.set(++world.timerIds, { at: world.now + ms, run });
      return world.timerIds;
    },
    clearTimeout: (id: number) => void world.timers.delete(id),
    fetch: (input: string | URL | Request, init?: RequestInit) => answer(new Request(input, init)),
    reportError: (error: unknown) => {
      world.note("reported", error);
    },
  };
  for (const [name, value] of Object.entries(page)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  Date.now = () => world.now;
  performance.now = () => world.now - 1_800_000_000_000;
  Crypto.prototype.getRandomValues = function <T extends ArrayBufferView | null>(array: T): T {
    if (array !== null) new Uint8Array(array.buffer, array.byteOffset, array.byteLength).forEach((_, at, bytes) => (bytes[at] = world.below(256)));
    return array;
  };
}

async function answer(request: Request): Promise<Response> {
  world.note("sent", [request.method, request.url, [...request.headers], await request.text()]);
  const status = world.pick([200, 200, 200, 200, 400, 401, 403, 429, 500, 0]);
  if (status === 0) throw new TypeError("Failed to fetch");
  return new Response(answerText(), { status, headers: { "content-type": "application/json" } });
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise(setImmediate);
}

async function advance(ms: number): Promise<void> {
  const until = world.now + ms;
  for (let most = 0; most < 50; most++) {
    const due = [...world.timers].filter(([, { at }]) => at <= until).sort(([, one], [, other]) => one.at - other.at)[0];
    if (due === undefined) break;
    world.timers.delete(due[0]);
    world.now = Math.max(world.now, due[1].at);
    due[1].run();
    await settle();
  }
  world.now = until;
}

// ── what it meets ──

const VALUES = [null, true, 0, -1, 0.5, 1e300, 2 ** 53, "", "x", "ä🙂\u0000", [], [1, ["2"]], {}, { a: { b: null } }];

function token(): string {
  const seconds = world.now / 1_000;
  const claims: Record<string, unknown> = { jti: String(world.below(1_000)), sub: "ada", exp: Math.floor(seconds) + world.pick([-60, 5, 60, 900, 3_600]) };
  if (world.below(3) === 0) claims[world.pick(["exp", "iat", "nbf", "sub", "aud", "iss", "deep", "__proto__"])] = world.pick(VALUES);
  const header: Record<string, unknown> = { alg: "HS256", typ: "JWT" };
  if (world.below(4) === 0) header[world.pick(["alg", "typ", "kid", "cty", "x5t", "jwk", "b64"])] = world.pick(VALUES);
  const whole = `${part(JSON.stringify(header))}.${part(JSON.stringify(claims))}.c2ln`;
  switch (world.below(8)) {
    case 0: {
      const at = world.below(whole.length);
      return whole.slice(0, at) + world.pick(["", ".", "=", "A", "ä", "\u0000", "..", "-"]) + whole.slice(at + world.below(3));
    }
    case 1:
      return world.pick(["", ".", "..", "opaque", "a.b", "a.b.c", "e30.e30.", "e30.bnVsbA.", `e30.${"A".repeat(20_000)}.`]);
    default:
      return whole;
  }
}

function answerText(): string {
  const fields: Record<string, unknown> = { access_token: token(), refresh_token: world.pick(["r1", "r2", null, undefined, ...VALUES]), expires_in: world.pick([300, undefined, ...VALUES]), token_type: "Bearer" };
  if (world.below(4) === 0) fields[world.pick(Object.keys(fields))] = world.pick(VALUES);
  const text = JSON.stringify(fields);
  switch (world.below(8)) {
    case 0:
      return text.slice(0, world.below(text.length));
    case 1:
      return text.replace(/[":,{}]/, () => world.pick(["", "\\", "1", "]", "\u0001"]));
    case 2:
      return world.pick(jsonTexts());
    default:
      return text;
  }
}

function garbage(text: string): string {
  const at = world.below(text.length + 1);
  return world.below(3) === 0 ? world.pick(jsonTexts()) : text.slice(0, at) + world.pick(["", "0", '"', "}", "null", "\\u00", "ä"]) + text.slice(at + world.below(4));
}

// ── lives ──

async function live(hallpass: typeof Hallpass, seed: number): Promise<string[]> {
  world = new World(seed);
  location.href = "https://app.test/";
  const { pick, below } = { pick: world.pick.bind(world), below: world.below.bind(world) };
  const options: Hallpass.AuthOptions = {
    origins: ["https://api.test"],
    storage: pick(["session", "memory", "local"]),
    tabs: pick(["separate", "shared"]),
    signIn: "https://api.test/sign-in",
    refresh: pick<NonNullable<Hallpass.AuthOptions["refresh"]>>([
      "https://api.test/refresh",
      { url: "https://api.test/refresh", encoding: "form", refreshToken: pick(["body", "memory", "cookie"]), bearer: true },
      () => Promise.resolve(pick([{ accessToken: token(), refreshToken: "next" }, null, {} as Hallpass.TokenSet, new Response(answerText())])),
      () => Promise.reject(new Error("refresh")),
    ]),
    signOut: "https://api.test/sign-out",
    redirect: { url: "https://login.test/", accept: pick([["fragment-params"], ["fragment-token"], ["fragment-token", "fragment-params"]]), stateParam: pick(["state", null]) },
    limits: pick([{}, { idleSeconds: 900, idleWarningSeconds: 60 }, { sessionSeconds: 1_800 }, { tokenBytes: 300 }]),
    schedule: pick([{}, { leadSeconds: 30, jitterSeconds: 10 }, { proactive: false }, { everySeconds: 120 }]),
  };
  if (below(4) === 0) options.fingerprint = { mode: "client", claim: "fgp" };
  const tabs: Hallpass.Auth[] = [];
  const open = (): void => {
    const auth = hallpass.createAuth(options);
    auth.subscribe((session, change) => {
      world.note("changed", [session, change]);
    });
    tabs.push(auth);
  };
  const tell = (what: string, promise: Promise<unknown>): void => {
    promise.then(
      (value) => {
        world.note(what, value instanceof Response ? value.status : value);
      },
      (error: unknown) => {
        world.note(`${what} fails`, error);
      },
    );
  };
  const decode = (text: string): void => {
    try {
      world.note("decoded", hallpass.decodeToken(text));
    } catch (error) {
      world.note("not decoded", error);
    }
  };
  open();
  for (let step = 0; step < STEPS; step++) {
    const auth = pick(tabs);
    switch (below(15)) {
      case 0:
        tell("accept", auth.accept({ accessToken: token(), refreshToken: pick(["r0", null]), expiresIn: pick([60, 600, 3_600]) }));
        break;
      case 1:
        tell("sign in", auth.signIn({ user: "ada", odd: pick(VALUES) }));
        break;
      case 2:
        tell("refresh", auth.refresh());
        break;
      case 3:
        tell("token", auth.token({ minValiditySeconds: pick([0, 30, 3_600]) }));
        break;
      case 4:
        tell("fetch", auth.fetch(pick(["https://api.test/orders", "https://other.test/", "/own"].map((url) => new URL(url, "https://api.test").href))));
        break;
      case 5:
        decode(token());
        break;
      case 6:
        await advance(pick([1_000, 30_000, 120_000, 1_000_000]));
        break;
      case 7: {
        const state = new URL(location.href).searchParams.get("state") ?? "x";
        const fragment = pick([`access_token=${token()}&state=${state}`, `access_token=${token()}&refresh_token=r&expires_in=${String(pick(VALUES))}&state=${state}`, token(), `error=access_denied&state=${state}`, "%zz=&access_token=", `access_token=a&access_token=b&state=${state}`]);
        tell("callback", auth.completeRedirect(`https://app.test/#${fragment}`));
        break;
      }
      case 8:
        auth.signInRedirect({ returnTo: pick(["/orders", "//evil.test", "https://evil.test/"]) }).catch((error: unknown) => {
          world.note("redirect fails", error);
        });
        break;
      case 9:
        for (const store of Object.values(world.stores)) {
          for (const [key, value] of store) if (below(2) === 0) store.set(key, garbage(value));
        }
        break;
      case 10:
        for (const channel of [...world.channels]) channel.hear(pick([...VALUES, garbage('{"v":1,"type":"signed-out","generation":3}'), { v: 1, type: "signed-out" }]));
        break;
      case 11:
        if (below(3) === 0) tell("sign out", auth.signOut());
        break;
      case 12:
        if (tabs.length < 3) open();
        break;
      case 13:
        tell("authorization", auth.authorization(pick(["https://api.test/x", "https://other.test/"])));
        break;
      default:
        auth.close();
        tabs.splice(tabs.indexOf(auth), 1);
        if (tabs.length === 0) open();
    }
    await settle();
  }
  for (const auth of tabs) auth.close();
  await settle();
  return world.lines;
}

async function readEverywhere(hallpass: typeof Hallpass, text: string): Promise<string[]> {
  world = new World(1);
  for (const whole of [`e30.${part(text)}.`, `${part(text)}.e30.`]) {
    try {
      world.note("decoded", hallpass.decodeToken(whole));
    } catch (error) {
      world.note("not decoded", error);
    }
  }
  const first = hallpass.createAuth({ refresh: () => Promise.resolve(new Response(text)) });
  await first.accept({ accessToken: `e30.${part('{"exp":1800000900}')}.`, refreshToken: "r" });
  await first.refresh().then(
    (session) => {
      world.note("refreshed", session);
    },
    (error: unknown) => {
      world.note("not refreshed", error);
    },
  );
  first.close();
  const { session } = world.stores;
  for (const key of session.keys()) session.set(key, text);
  const second = hallpass.createAuth();
  world.note("restored", await second.ready);
  second.close();
  await settle();
  return world.lines;
}

/** What an error tells. Its stack and its cause's differ: they name places in the code. */
function told(error: Error): object {
  const { name, message } = error;
  const { code, retryable, status } = error as Partial<Hallpass.AuthError> & { status?: number };
  return { name, message, code, retryable, status };
}

function part(text: string): string {
  return Buffer.from(text).toString("base64url");
}

let texts: string[] | undefined;

function jsonTexts(): string[] {
  const file = join(root, "..", "tests", "vectors", "json-test-suite.json");
  texts ??= (JSON.parse(readFileSync(file, "utf8")) as { input: string }[]).map(({ input }) => input);
  return texts;
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
