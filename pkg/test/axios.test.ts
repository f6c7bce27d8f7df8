import axios, { AxiosError, type AxiosInstance, type AxiosRequestConfig, type InternalAxiosRequestConfig } from "axios";
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { inspect } from "node:util";
import { openAuth } from "../src/auth.js";
import { attachAxios } from "../src/adapters/axios.js";
import type { Auth } from "../src/types.js";
import { fakeLoader, type FakeCore } from "./fake-core.js";
import { openPage, type FakePage } from "./page.js";
import { startServer, type Seen, type TestServer } from "./server.js";

let api: TestServer;
let foreign: TestServer;
let page: FakePage;
let auth: Auth<object>;
let core: FakeCore;
let client: AxiosInstance;

before(async () => {
  api = await startServer();
  foreign = await startServer();
});
after(async () => {
  await api.close();
  await foreign.close();
});
beforeEach(async () => {
  page = openPage(`${api.origin}/app/`);
  [auth, core] = await open();
  core.now = "good";
  client = axios.create({ baseURL: `${api.origin}/v1`, adapter: "http" });
  api.seen.length = foreign.seen.length = 0;
});
afterEach(() => {
  auth.close();
  page.close();
});

async function open(): Promise<[Auth<object>, FakeCore]> {
  const loader = fakeLoader();
  const made = openAuth(undefined, loader);
  await new Promise((resolve) => setImmediate(resolve));
  const fake = loader.cores[0] as FakeCore;
  fake.allowed = (protocol, host) => `${protocol}//${host}` === api.origin;
  return [made, fake];
}

const authorizations = (server: TestServer): (string | undefined)[] => server.seen.map((one) => one.headers.authorization);
const status = async (promise: Promise<{ status: number }>): Promise<number> => {
  try {
    return (await promise).status;
  } catch (error) {
    assert.ok(error instanceof AxiosError, inspect(error));
    return error.response?.status ?? 0;
  }
};

for (const adapter of ["http", "fetch"] as const) {
  test(`the token goes to allowed origins only, however the URL is put together: ${adapter} (SEC-12)`, async () => {
    client = axios.create({ baseURL: `${api.origin}/v1`, adapter });
    attachAxios(client, auth);
    await client.get("/a", { params: { q: 1 } });
    await client(`${api.origin}/b`);
    await client.request({ url: "c", baseURL: api.origin });
    await axios.create({ adapter }).get(`${api.origin}/other-instance`).catch(() => undefined);
    assert.deepEqual(authorizations(api), ["Bearer good", "Bearer good", "Bearer good", undefined]);
    assert.deepEqual(api.seen.map((one) => one.path), ["/v1/a?q=1", "/b", "/c", "/other-instance"]);

    assert.equal(await status(client.get(`${foreign.origin}/a`)), 401);
    assert.equal(await status(client.get("/a", { baseURL: foreign.origin })), 401);
    assert.equal(await status(client.get(`${foreign.origin}/@${new URL(api.origin).host}`)), 401);
    assert.deepEqual(authorizations(foreign), [undefined, undefined, undefined]);
    assert.deepEqual(core.recoveries, []);
  });

  test(`401: one recovery, one replay, by the same adapter: ${adapter} (REL-18)`, async () => {
    client = axios.create({ baseURL: `${api.origin}/v1`, adapter });
    attachAxios(client, auth);
    core.now = "bad";
    core.recovered = "good";
    const answer = await client.post<object>("/a", { a: 1 }, { headers: { "X-A": "1" } });
    assert.deepEqual(answer.data, { ok: true });
    assert.deepEqual(authorizations(api), ["Bearer bad", "Bearer good"]);
    assert.deepEqual(api.seen.map((one) => [one.method, String(one.body), one.headers["content-type"], one.headers["x-a"]]), Array(2).fill(["POST", '{"a":1}', "application/json", "1"]));
    assert.deepEqual(core.recoveries, [{ status: 401, challenge: 'Bearer error="invalid_token"', token: "bad" }]);

    core.recovered = "worse";
    await assert.rejects(client.get("/a"), (error: AxiosError) => error.response?.status === 401 && error.config?.url === "/a");
    assert.equal(api.seen.length, 4);
  });
}

test("an own idea of success: a 401 that validateStatus accepts is recovered too", async () => {
  attachAxios(client, auth);
  core.now = "bad";
  core.recovered = "good";
  assert.equal((await client.get("/a", { validateStatus: () => true })).status, 200);
  core.recovered = undefined;
  assert.equal((await client.get("/a", { validateStatus: null })).status, 401);
});

test("decided after every interceptor (SEC-19)", async () => {
  // Request interceptors run last-added first: one is added before, one after.
  const divert = (config: InternalAxiosRequestConfig): InternalAxiosRequestConfig => Object.assign(config, { baseURL: undefined, url: `${foreign.origin}/stolen` });
  const id = client.interceptors.request.use(divert);
  attachAxios(client, auth);
  await status(client.get("/a"));
  client.interceptors.request.eject(id);
  client.interceptors.request.use(divert);
  await status(client.get("/a"));
  assert.deepEqual(authorizations(foreign), [undefined, undefined]);
  assert.equal(api.seen.length, 0);
});

test("what an interceptor takes away is not filled in again from the defaults (SEC-19)", async () => {
  client = axios.create({ baseURL: `${api.origin}/v1`, adapter: "fetch" });
  attachAxios(client, auth);
  client.interceptors.request.use((config) => {
    delete config.baseURL;
    delete config.allowAbsoluteUrls;
    return config;
  });
  page.open(`${foreign.origin}/`);
  core.allowed = (_protocol, host) => {
    assert.equal(`http://${host}`, foreign.origin);
    return false;
  };
  await status(client.get("/a").catch((error: unknown) => ({ status: error instanceof AxiosError ? 0 : 1 })));
  assert.deepEqual(authorizations(api), []);
});

test("a polluted Object.prototype leads nowhere (SEC-19, SEC-35)", async () => {
  client = axios.create({ adapter: "http" });
  attachAxios(client, auth);
  for (const [name, value] of [["baseURL", foreign.origin], ["url", `${foreign.origin}/x`], ["allowAbsoluteUrls", false], ["adapter", "xhr"], ["withCredentials", true]] as const) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    try {
      await status(client.get(`${api.origin}/a`));
    } finally {
      Reflect.deleteProperty(Object.prototype, name);
    }
  }
  assert.deepEqual(foreign.seen, []);
  assert.deepEqual(authorizations(api), Array(5).fill("Bearer good"));
});

test("the caller's Authorization stays, and its 401 is the caller's (SEC-20)", async () => {
  attachAxios(client, auth);
  core.recovered = "good";
  const configs: AxiosRequestConfig[] = [
    { headers: { Authorization: "Basic 1" } },
    { headers: { authorization: "Basic 1" } },
    { headers: { AUTHORIZATION: "Basic 1" } },
    { auth: { username: "u", password: "p" } },
  ];
  for (const config of configs) assert.equal(await status(client.get("/a", config)), 401);
  assert.ok(authorizations(api).every((value) => value?.startsWith("Basic ")));
  api.seen.length = 0;
  await status(client.get("/a", { headers: { Authorization: false } }));
  assert.deepEqual(authorizations(api), [undefined]);
  assert.deepEqual(core.recoveries, []);
});

test("no config, answer or error shows the token or our adapter (SEC-20, SEC-40)", async () => {
  attachAxios(client, auth);
  const config: AxiosRequestConfig = Object.freeze({ headers: Object.freeze({ "X-A": "1" }), params: Object.freeze({ q: 1 }) });
  api.good.add("canary");
  core.now = "canary";
  const answer = await client.get<object>("/a", config);
  assert.equal(answer.config.adapter, "http");
  assert.equal(answer.config.baseURL, `${api.origin}/v1`);
  assert.ok(!JSON.stringify([answer.config, config]).includes("canary"));
  assert.ok(!inspect(answer.config, { depth: 9 }).includes("canary"));
  api.good.delete("canary");
  await assert.rejects(client.get("/a", config), (error: AxiosError) => {
    assert.equal(error.config, error.response?.config);
    return !JSON.stringify([error, error.toJSON(), error.config, error.response?.config]).includes("canary");
  });
  assert.deepEqual(Object.keys(client.defaults.headers.common), ["Accept", "Content-Type"].filter((name) => name in client.defaults.headers.common));
});

for (const adapter of ["http", "fetch"] as const) {
  test(`no request, answer or error holds the token, however it is looked at: ${adapter} (SEC-20, SEC-40)`, async (context) => {
    const canary = "canary-0123456789";
    client = axios.create({ baseURL: `${api.origin}/v1`, adapter });
    attachAxios(client, auth);
    api.good.add(canary);
    context.after(() => api.good.delete(canary));
    core.now = canary;
    const shows = (value: unknown): boolean =>
      inspect(value, { depth: 10, showHidden: true, getters: true, maxStringLength: Infinity, maxArrayLength: Infinity }).includes(canary);
    const headersOf = (request: unknown): string => (request instanceof Request ? JSON.stringify([...request.headers]) : "");
    const check = (what: string, found: { request?: unknown; config?: unknown; response?: { request?: unknown; config?: unknown } | undefined }): void => {
      for (const [where, value] of Object.entries({ itself: found, request: found.request, config: found.config, "its answer": found.response, "its answer's request": found.response?.request })) {
        assert.ok(!shows(value), `${what}: ${where}`);
      }
      assert.ok(!(headersOf(found.request) + headersOf(found.response?.request)).includes(canary), what);
      if (found instanceof AxiosError) assert.ok(!JSON.stringify([found.toJSON(), found]).includes(canary), what);
    };

    for (const [what, data] of [["GET", undefined], ["POST", { a: 1 }]] as const) {
      const answer = await client.request<unknown>({ url: "/a", method: what, data, headers: { "X-A": "1" } });
      check(`an answer to ${what}`, answer as object);
      if (answer.request instanceof Request) assert.equal(answer.request.headers.get("X-A"), "1", "the rest of it stays");
    }
    const failures: [string, () => Promise<unknown>][] = [
      ["no network", () => client.get("/a", { baseURL: "http://localhost:1" })],
      ["a redirect to nowhere", () => client.get(`/a?to=${encodeURIComponent("http://localhost:1/")}`)],
      ["cancelled", () => client.get("/a", { signal: AbortSignal.timeout(1) })],
      ["an answer that breaks off", () => client.get("/a", { maxContentLength: 1 })],
    ];
    core.allowed = () => true;
    for (const [what, send] of failures) {
      const error = await send().then(() => undefined, (reason: unknown) => reason);
      if (what !== "cancelled") assert.ok(error instanceof AxiosError, what);
      if (error !== undefined) check(what, error as object);
    }
    api.good.delete(canary);
    const recovered = `${canary}-again`;
    core.recovered = recovered;
    const error = await client.get("/a").then(() => undefined, (reason: unknown) => reason);
    assert.ok(error instanceof AxiosError && error.response?.status === 401);
    check("a 401, and another one to its replay", error);
    const accepted = await client.get("/a", { validateStatus: () => true });
    check("a 401 that counts as success", accepted as object);
  });
}

test("a config that is sent again (as retry libraries do) is judged again", async () => {
  attachAxios(client, auth);
  core.now = "bad";
  const failure = await client.get("/a").catch((error: unknown) => error as AxiosError);
  core.now = "good";
  const again = await client.request((failure as AxiosError).config as AxiosRequestConfig);
  assert.equal(again.status, 200);
  assert.deepEqual(authorizations(api), ["Bearer bad", "Bearer good"]);
});

test("detaches cleanly; the second attach is the first one (design 5.22)", async () => {
  const detach = attachAxios(client, auth);
  assert.equal(attachAxios(client, auth), detach);
  await client.get("/a");
  detach();
  detach();
  assert.equal(await status(client.get("/a")), 401);
  assert.deepEqual(authorizations(api), ["Bearer good", undefined]);
  assert.deepEqual(Object.keys(client).filter((key) => key.includes("hallpass")), []);

  const again = attachAxios(client, auth);
  assert.notEqual(again, detach);
  await client.get("/a");
  assert.equal(authorizations(api)[2], "Bearer good");
});

test("requests on their way when it detaches or closes go on without a token", async () => {
  core.now = undefined;
  let finish!: (token: string) => void;
  core.waiting = new Promise((resolve) => (finish = resolve));
  const detach = attachAxios(client, auth);
  const waiting = client.get("/a");
  await new Promise((resolve) => setTimeout(resolve, 5));
  detach();
  auth.close();
  finish("good");
  assert.equal(await status(waiting), 401);
  attachAxios(client, auth);
  assert.equal(await status(client.get("/a")), 401);
  assert.deepEqual(authorizations(api), [undefined, undefined]);
});

test("two auths on one instance: each for its own addresses", async () => {
  const [second, secondCore] = await open();
  secondCore.now = "other";
  secondCore.allowed = (_protocol, host) => `http://${host}` === foreign.origin;
  foreign.good.add("other");
  attachAxios(client, auth);
  const detachSecond = attachAxios(client, second);
  assert.equal(await status(client.get("/a")), 200);
  assert.equal(await status(client.get(`${foreign.origin}/a`)), 200);
  assert.deepEqual([authorizations(api), authorizations(foreign)], [["Bearer good"], ["Bearer other"]]);

  core.now = "bad";
  core.recovered = "good";
  assert.equal(await status(client.get("/a")), 200);
  assert.equal(secondCore.recoveries.length, 0);

  detachSecond();
  assert.equal(await status(client.get("/a")), 200);
  assert.equal(await status(client.get(`${foreign.origin}/a`)), 401);
  second.close();
});

const bytes = new Uint8Array([0, 1, 254, 255]);
const BODIES: [name: string, data: unknown, change: () => void][] = [
  ["object", { a: "ž", b: [1] }, () => undefined],
  ["string", "a=b", () => undefined],
  ["URLSearchParams", new URLSearchParams({ a: "1 & 2" }), () => undefined],
  ["ArrayBuffer", bytes.buffer, () => bytes.fill(7)],
  ["Buffer", Buffer.from("buffer"), () => undefined],
];
for (const [name, data, change] of BODIES) {
  test(`body replayed byte by byte: ${name} (REL-19)`, async () => {
    attachAxios(client, auth);
    core.now = "bad";
    core.recovered = () => {
      change();
      return "good";
    };
    assert.equal(await status(client.post("/a", data)), 200);
    const [first, second] = api.seen as [Seen, Seen];
    assert.ok(first.bytes > 0);
    assert.equal(first.sha256, second.sha256);
    assert.equal(first.headers["content-type"], second.headers["content-type"]);
  });
}

for (const adapter of ["http", "fetch"] as const) {
  test(`a form is replayed with the same parts: ${adapter} (REL-19)`, async () => {
    client = axios.create({ baseURL: api.origin, adapter });
    attachAxios(client, auth);
    core.now = "bad";
    const form = new FormData();
    form.append("text", "ž");
    form.append("file", new Blob([new Uint8Array([0, 255])], { type: "x/y" }), "a.bin");
    core.recovered = () => {
      form.append("later", "x");
      return "good";
    };
    assert.equal(await status(client.post("/a", form)), 200);
    const [first, second] = api.seen.map(({ body }) => {
      const text = body.toString("latin1");
      const boundary = text.slice(0, text.indexOf("\r\n"));
      return text.replaceAll(boundary, "boundary");
    }) as [string, string];
    assert.equal(first, second);
    assert.match(second, /name="file"; filename="a.bin"\r\nContent-Type: x\/y\r\n\r\n\0\xff\r\n/);
    assert.doesNotMatch(second, /later/);
  });
}

test("a stream is sent once; its 401 comes back", async () => {
  attachAxios(client, auth);
  core.now = "bad";
  core.recovered = "good";
  const { Readable } = await import("node:stream");
  assert.equal(await status(client.post("/a", Readable.from(["stream"]), { maxRedirects: 0 })), 401);
  assert.deepEqual(api.seen.map((one) => String(one.body)), ["stream"]);
  assert.equal(core.recoveries.length, 1);
});

test("abort while waiting ends as a cancellation (REL-21)", async () => {
  attachAxios(client, auth);
  core.now = undefined;
  core.waiting = new Promise(() => undefined);
  const controller = new AbortController();
  const source = axios.CancelToken.source();
  const waiting = [client.get("/a", { signal: controller.signal }), client.get("/a", { cancelToken: source.token })];
  await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort();
  source.cancel("enough");
  for (const one of waiting) await assert.rejects(one, (error) => axios.isCancel(error));
  assert.equal(api.seen.length, 0);
});

test("cookies: withCredentials where the core wants them, the caller's choice stays", async () => {
  const chosen: unknown[] = [];
  const choosing = (): AxiosInstance =>
    axios.create({
      baseURL: api.origin,
      adapter: (config) => {
        chosen.push(config.withCredentials);
        return Promise.resolve({ data: "", status: 200, statusText: "", headers: {}, config });
      },
    });
  const [without] = await open();
  client = choosing();
  attachAxios(client, without);
  await client.get("/a");
  without.close();
  core.credentials = "include";
  client = choosing();
  attachAxios(client, auth);
  await client.get("/a");
  await client.get("/a", { withCredentials: false });
  await client.get(foreign.origin);
  core.now = undefined;
  await client.get("/a");
  assert.deepEqual(chosen, [undefined, true, false, undefined, true]);
});

test("wrong URLs fail like in axios itself", async () => {
  attachAxios(client, auth);
  await assert.rejects(client.get("https:evil.test"), AxiosError);
  await assert.rejects(client.get("http://[", { baseURL: "" }));
  assert.throws(() => attachAxios(client, {} as Auth<object>), { name: "TypeError" });
});
