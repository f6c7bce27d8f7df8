import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type * as Hallpass from "../src/index.js";
import { createClosingServer } from "./closing-server.js";
import { FORMS } from "./forms.js";

/*
 * How endpoints are called and their answers read, by the package as it is shipped: what its core hands to `fetch`, and
 * makes of what that gives. Which headers and which body there are, src/request.rs tests; what an answer means,
 * src/answer.rs.
 */

const PAGE = {
  location: { href: "https://app.test/" },
  document: { baseURI: "https://app.test/", cookie: "" },
  BroadcastChannel: undefined,
};
const TOKENS = '{"access_token":"a.b.c","refresh_token":"R","expires_in":300}';

type Sent = RequestInit & { headers: Headers };
type Fetch = (url: string, init: Sent) => unknown;

for (const form of FORMS) {
  describe(`endpoints, the core as ${form.name}`, () => {
    let hallpass: typeof Hallpass;
    let undo: () => void;
    let auth: Hallpass.Auth | undefined;
    const reported: unknown[] = [];
    /** The package's timers keep Node from nothing. */
    let keepsRunning: NodeJS.Timeout;

    before(async () => {
      keepsRunning = setInterval(() => undefined, 1_000);
      for (const [name, value] of Object.entries(PAGE)) {
        Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
      }
      Object.assign(globalThis, { reportError: (error: unknown) => reported.push(error) });
      undo = form.prepare(() => undefined);
      const dist = pathToFileURL(join(process.cwd(), "dist", "index.js")).href;
      hallpass = (await import(`${dist}?endpoints,${form.name}`)) as typeof Hallpass;
      await hallpass.load();
    });
    after(() => {
      clearInterval(keepsRunning);
      undo();
    });
    afterEach(() => {
      auth?.close();
      PAGE.document.cookie = "";
      assert.deepEqual(reported.splice(0), []);
    });

    function open(options: Hallpass.AuthOptions, fetch: Fetch): Hallpass.Auth {
      auth?.close();
      return (auth = hallpass.createAuth({ storage: "memory", fetch: fetch as typeof globalThis.fetch, ...options }));
    }

    const endpoint = (more: Partial<Hallpass.Endpoint>): Hallpass.Endpoint => ({ url: "/token", ...more });

    /** What goes out at sign-in. */
    async function sent(more: Partial<Hallpass.Endpoint>, credentials: Record<string, unknown> = {}, options: Hallpass.AuthOptions = {}): Promise<Sent> {
      const inits: Sent[] = [];
      const auth = open({ signIn: endpoint(more), ...options }, (url, init) => {
        assert.equal(url, "https://app.test/token");
        inits.push(init);
        return new Response(TOKENS);
      });
      await auth.signIn(credentials).catch((error: unknown) => {
        if (inits.length === 0) throw error;
      });
      assert.equal(inits.length, 1);
      return inits[0] as Sent;
    }

    /** What the core reads of an answer, as `readTokens` sees it. */
    async function read(response: Response): Promise<{ body: unknown; copy: Response }> {
      let seen: { body: unknown; copy: Response } | undefined;
      const readTokens = (body: unknown, copy: Response): Hallpass.TokenSet => {
        seen = { body, copy };
        return { accessToken: "a.b.c" };
      };
      await open({ signIn: "/token", readTokens }, () => response).signIn({});
      assert.ok(seen);
      return seen;
    }

    /** Why a sign-in with this answer fails. */
    async function failure(response: unknown, options: Hallpass.AuthOptions = {}): Promise<Hallpass.AuthError> {
      const auth = open({ signIn: "/token", ...options }, () => response);
      const error: unknown = await auth.signIn({ password: "canary" }).then(
        () => assert.fail("it worked"),
        (error: unknown) => error,
      );
      assert.ok(error instanceof hallpass.AuthError, String(error));
      assert.doesNotMatch(`${error.message} ${String(error.stack)} ${JSON.stringify(error)}`, /canary/);
      return error;
    }

    test("a request is a POST of JSON that is neither kept nor redirected (SEC-26)", async () => {
      const init = await sent({ body: { client: "app", a: 1 } }, { a: 2, b: [{ c: null }], when: new Date(0), none: undefined });
      assert.equal(init.method, "POST");
      const body: unknown = JSON.parse(init.body as string);
      assert.deepEqual(body, { client: "app", a: 2, b: [{ c: null }], when: "1970-01-01T00:00:00.000Z" }, "what is nearer wins");
      assert.ok(init.headers instanceof Headers);
      assert.deepEqual(Object.fromEntries(init.headers), { accept: "application/json", "content-type": "application/json" });
      assert.deepEqual([init.cache, init.redirect, init.credentials, init.keepalive], ["no-store", "manual", "same-origin", false]);
      assert.ok(init.signal instanceof AbortSignal);
      const fingerprint = { fingerprint: { mode: "server" } } as const;
      assert.equal((await sent({}, {}, fingerprint)).credentials, "include");
      assert.equal((await sent({ credentials: "omit" }, {}, fingerprint)).credentials, "omit", "the application's word counts");
    });

    test("a refresh and a sign-out send what is the package's own, whatever the application's fields are (SEC-26)", async () => {
      const seen: [string, Sent][] = [];
      const auth = open(
        { signIn: "/in", refresh: { url: "/token", body: { refresh_token: "theirs", a: 1 }, bearer: true }, signOut: { url: "/out", bearer: true } },
        (url, init) => {
          seen.push([new URL(url).pathname, init]);
          return new Response(TOKENS);
        },
      );
      await auth.signIn({});
      await auth.refresh();
      await auth.signOut();
      const [, refresh, signOut] = seen.map(([path, init]) => [path, JSON.parse(init.body as string) as unknown, init.headers.get("authorization"), init.keepalive]);
      assert.deepEqual(refresh, ["/token", { refresh_token: "R", a: 1 }, "Bearer a.b.c", false]);
      assert.deepEqual(signOut, ["/out", { refresh_token: "R" }, "Bearer a.b.c", true]);
    });

    test("a form has strings as they are, all else as JSON, and leaves out what has no text", async () => {
      const fields = { text: "a b&c", number: 1, object: { x: [true] }, none: null, missing: undefined, call: () => 1, more: "ä~*\n" };
      const init = await sent({ encoding: "form" }, fields);
      assert.equal(init.body, "text=a+b%26c&number=1&object=%7B%22x%22%3A%5Btrue%5D%7D&none=null&more=%C3%A4%7E*%0A");
      assert.equal(init.body, new URLSearchParams([["text", "a b&c"], ["number", "1"], ["object", '{"x":[true]}'], ["none", "null"], ["more", "ä~*\n"]]).toString());
      assert.equal(init.headers.get("content-type"), "application/x-www-form-urlencoded");
    });

    test("the application's headers stay, but for those that say what is sent", async () => {
      const headers = { "X-App": "é", accept: "application/problem+json", "content-type": "text/plain" };
      const init = await sent({ headers, method: "PUT" });
      assert.deepEqual(Object.fromEntries(init.headers), { "x-app": "é", accept: "application/problem+json", "content-type": "application/json" });
      assert.equal(init.method, "PUT");
    });

    test("GET and HEAD have no body", async () => {
      for (const method of ["GET", "get", "HEAD"]) {
        let init: Sent | undefined;
        const auth = open({ refresh: { url: "/token", method, refreshToken: "cookie" } }, (_, given) => {
          init = given;
          return new Response(TOKENS);
        });
        await auth.accept({ accessToken: "a.b.c" });
        await auth.refresh();
        assert.deepEqual([init?.method, init?.body, init?.headers.has("content-type")], [method, undefined, false]);
      }
    });

    test("the CSRF cookie is copied to header and field, as the server wrote it", async () => {
      const csrf = { cookie: "Csrf", header: "X-Csrf", field: "csrf" };
      PAGE.document.cookie = 'NotCsrf=1; Csrf2=2; Csrf="a%2Bb%3D%3D"; Csrf=3';
      const init = await sent({ csrf });
      assert.equal(init.headers.get("x-csrf"), "a+b==");
      assert.equal(init.body, '{"csrf":"a+b=="}');
      PAGE.document.cookie = "";
      const without = await sent({ csrf });
      assert.deepEqual([without.body, without.headers.has("x-csrf")], ["{}", false]);
    });

    test("a request whose cookie fits into no header is never sent, and the error shows nothing of it", async () => {
      PAGE.document.cookie = "Csrf=%E4%BD%A0canary";
      const sent: unknown[] = [];
      const auth = open({ signIn: endpoint({ csrf: { cookie: "Csrf", header: "X-Csrf" } }) }, (url) => sent.push(url));
      await assert.rejects(auth.signIn({}), (error: Error) => {
        assert.ok(error instanceof hallpass.AuthError && error.code === "invalid_option");
        assert.match(error.message, /CSRF/);
        assert.doesNotMatch(error.message, /canary|你/);
        return true;
      });
      assert.deepEqual(sent, []);
    });

    test("a polluted prototype changes nothing (SEC-35)", async () => {
      const polluted = { mode: "no-cors", credentials: "include", referrer: "https://evil.test/", csrf: { cookie: "a", field: "b" }, evil: "1", bearer: true, method: "GET", headers: { evil: "1" } };
      for (const [name, value] of Object.entries(polluted)) Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true });
      try {
        const init = await sent({});
        assert.deepEqual([init.mode, init.credentials, init.referrer, init.body, init.method], [undefined, "same-origin", undefined, "{}", "POST"]);
        assert.deepEqual([...init.headers.keys()], ["accept", "content-type"]);
        assert.equal(Object.getPrototypeOf(init), null);
      } finally {
        for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
      }
    });

    test("an answer is read whole, and the application's functions get copies", async () => {
      const { body, copy } = await read(new Response('{"a":"ä"}', { status: 201, headers: { "X-A": "1" } }));
      assert.deepEqual([body, copy.status, copy.headers.get("x-a"), await copy.text()], [{ a: "ä" }, 201, "1", '{"a":"ä"}']);
      assert.equal((await read(new Response(null, { status: 204 }))).body, "");

      const seen: string[] = [];
      const rejected = async (response: Response): Promise<boolean> => {
        seen.push(await response.text());
        return false;
      };
      const readTokens = (_: unknown, response: Response): Hallpass.TokenSet => {
        seen.push(response.bodyUsed ? "used" : "unused");
        return { accessToken: "a.b.d" };
      };
      const auth = open({ refresh: { url: "/token", rejected }, readTokens }, () => new Response(TOKENS));
      await auth.accept({ accessToken: "a.b.c", refreshToken: "R" });
      await auth.refresh();
      assert.deepEqual(seen, [TOKENS, "unused"]);

      const response = new Response(TOKENS);
      response.clone = () => assert.fail("no function wants a copy");
      await open({ signIn: "/token" }, () => response).signIn({});
    });

    test("an answer that is too long is read no further, and says so (REL-13, SEC-26)", async () => {
      assert.equal((await read(new Response("x".repeat(262_144)))).body, "x".repeat(262_144));
      for (const [status, code] of [[200, "invalid_response"], [401, "sign_in_rejected"], [503, "sign_in_unavailable"]] as const) {
        const error = await failure(new Response("x".repeat(262_145), { status }));
        assert.deepEqual([error.code, error.status], [code, status]);
        if (status === 200) assert.match(error.message, /262144/);
      }
      let pulled = 0;
      let isCancelled = false;
      const endless = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 1;
          controller.enqueue(new Uint8Array(65_536));
        },
        cancel() {
          isCancelled = true;
          throw new Error("what cancelling comes to is of no interest");
        },
      });
      assert.equal((await failure(new Response(endless))).code, "invalid_response");
      assert.ok(pulled < 10 && isCancelled, "an endless answer is left");
    });

    test("bytes are read as every other client reads them: no mark, U+FFFD for what is no UTF-8 (REL-13)", async () => {
      const [mark, text] = [[0xef, 0xbb, 0xbf], [0x7b, 0x7d]];
      const bodyOf = async (bytes: number[]): Promise<unknown> => (await read(new Response(new Uint8Array(bytes)))).body;
      for (const [bytes, expected] of [
        [[...mark, ...text], {}],
        [[...mark, ...mark, ...text], "\ufeff{}"],
        [[0x7b, 0xff, 0x7d], "{\ufffd}"],
        [[0xfc, 0x22], '\ufffd"'],
        [[0x22, 0xe2, 0x82], '"\ufffd'],
      ] as [number[], unknown][]) {
        assert.deepEqual(await bodyOf(bytes), expected);
      }
      for (const bytes of [[...mark, 0x61], [0x7b, 0xfc, 0x7d], [0xed, 0xa0, 0x80], [0xff, 0xfe, 0x7b, 0x00]]) {
        assert.equal(await bodyOf(bytes), await new Response(new Uint8Array(bytes)).text());
      }
      const split = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const byte of [0xef, 0xbb, 0xbf, 0x22, 0xc3, 0xa4, 0x22]) controller.enqueue(new Uint8Array([byte]));
          controller.close();
        },
      });
      assert.equal((await read(new Response(split))).body, "ä");
    });

    test("an answer that is a redirect is one that says so, and is shown (SEC-26)", async () => {
      // As browsers hide it.
      const hidden = await failure({ type: "opaqueredirect", status: 0, headers: new Headers(), body: null });
      assert.deepEqual([hidden.code, hidden.status], ["invalid_response", undefined]);
      assert.match(hidden.message, /is a redirect/);
      // Node shows what a browser hides.
      const shown = await failure(new Response(TOKENS, { status: 302, headers: { Location: "/login" } }));
      assert.deepEqual([shown.code, shown.status], ["invalid_response", 302]);
      assert.equal((await failure(new Response(null, { status: 304 }))).code, "sign_in_unavailable");

      const statuses: number[] = [];
      const rejected = (response: Response): boolean => statuses.push(response.status) === 2;
      const auth = open({ refresh: { url: "/token", rejected } }, () => new Response(TOKENS, { status: 307 }));
      await auth.accept({ accessToken: "a.b.c", refreshToken: "R" });
      await assert.rejects(auth.refresh(), { code: "invalid_response" });
      await assert.rejects(auth.refresh(), { code: "refresh_rejected" });
      assert.deepEqual(statuses, [307, 307], "the application may say that it is a refusal");
    });

    test("the body of a request follows no redirect, whatever its status (SEC-26)", async () => {
      const asked: string[] = [];
      const server = createClosingServer((request, response) => {
        asked.push(request.url ?? "");
        response.writeHead(Number(request.url?.slice(1)), { Location: "/login" }).end();
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        const { port } = server.address() as AddressInfo;
        for (const status of [301, 302, 303, 307, 308]) {
          auth?.close();
          auth = hallpass.createAuth({ storage: "memory", signIn: `http://127.0.0.1:${String(port)}/${String(status)}` });
          await assert.rejects(auth.signIn({ password: "p" }), { code: "invalid_response", status });
        }
        assert.deepEqual(asked, ["/301", "/302", "/303", "/307", "/308"]);
      } finally {
        server.close();
        server.closeAllConnections();
      }
    });

    test("what is no answer is trouble, whatever a fetch of the application's gives, and breaks nothing (REL-13, REL-30)", async () => {
      const streamOf = (...chunks: unknown[]): object => {
        const read = (): unknown => ({ done: chunks.length === 0, value: chunks.shift() });
        return { getReader: () => ({ read, cancel: () => undefined }) };
      };
      const headers = new Headers();
      const thrower = (name: string): object => Object.defineProperty({ status: 200, headers, body: null }, name, { get: () => assert.fail("canary") });
      const used = new Response("x");
      await used.text();
      for (const given of [
        undefined,
        null,
        5,
        "text",
        {},
        { status: 200 },
        { status: 200, headers: {} },
        { status: 200, headers, body: 5 },
        { status: 200, headers, body: {} },
        { status: 200, headers, body: { getReader: () => null } },
        { status: 200, headers, body: streamOf("text") },
        { status: 200, headers, body: streamOf([1, 2]) },
        { status: 200, headers, body: streamOf(undefined) },
        ...["status", "type", "headers", "body"].map(thrower),
        used,
        Response.error(),
        Promise.reject(new TypeError("canary")),
      ]) {
        assert.equal((await failure(given)).code, "sign_in_unavailable");
      }
      const throws = open({ signIn: "/token" }, () => {
        throw new TypeError("canary");
      });
      await assert.rejects(throws.signIn({}), { code: "sign_in_unavailable" });
      // What only behaves like an answer is one.
      const bytes = new TextEncoder().encode(TOKENS);
      const like = { status: 200, headers, body: streamOf(bytes.slice(0, 5), bytes.slice(5)) };
      assert.equal((await open({ signIn: "/token" }, () => like).signIn({})).status, "signed-in");
    });

    test("a fetch that never answers, and does not obey its signal, is given up in time (REL-13)", async () => {
      let signal: AbortSignal | null | undefined;
      const never = (_: string, init: Sent): Promise<Response> => {
        signal = init.signal;
        return new Promise(() => undefined);
      };
      const options = { url: "/token", timeoutSeconds: 0.05 };
      const auth = open({ signIn: options, refresh: options, signOut: options }, never);
      await assert.rejects(auth.signIn({}), { code: "sign_in_unavailable" });
      assert.equal(signal?.aborted, true);
      await auth.accept({ accessToken: "a.b.c", refreshToken: "R" });
      await assert.rejects(auth.refresh(), { code: "refresh_unavailable" });
      assert.equal(signal.aborted, true);
      await assert.rejects(auth.signOut(), { code: "sign_out_unavailable" });
      assert.equal(signal.aborted, true);
      assert.equal(auth.session.status, "signed-out");
    });

    test("where there is no endpoint, nothing is sent", async () => {
      const auth = open({}, () => assert.fail("sent"));
      await assert.rejects(auth.signIn({}), { code: "invalid_option" });
    });
  });
}
