import "@angular/compiler"; // Angular's own packages are compiled when they are used here
import { HttpErrorResponse, HttpRequest, HttpResponse, type HttpEvent } from "@angular/common/http";
import { createEnvironmentInjector, Injector, runInInjectionContext } from "@angular/core";
import axios from "axios";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { firstValueFrom, from, of, switchMap, throwError, type Observable } from "rxjs";
import type * as HallpassAngular from "../src/angular.js";
import type * as HallpassAxios from "../src/axios.js";
import type * as Hallpass from "../src/index.js";

/** Tests run from the package's folder. */
const dist = (name: string): string => join(process.cwd(), "dist", name);
const skip = !existsSync(dist("index.js"));

/*
 * Whose request, whose session: the package as it is shipped, with its real core, against a real server that holds
 * requests until somebody else has signed in.
 */

interface Seen {
  readonly token: string | undefined;
  readonly body: string;
}

/** Answers 401 to every token but those in `good`, and holds what it answers while `isHolding`. */
class Bank {
  readonly seen: Seen[] = [];
  readonly good = new Set<string>();
  isHolding = true;
  #held: (() => void)[] = [];
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const token = nameOf(request.headers.authorization);
      this.seen.push({ token, body: String(Buffer.concat(chunks)) });
      const answer = (): void => {
        response.writeHead(token !== undefined && this.good.has(token) ? 200 : 401, { "content-type": "application/json" }).end("{}");
      };
      if (this.isHolding) this.#held.push(answer);
      else answer();
    });
  });

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "localhost", resolve));
  }

  get origin(): string {
    return `http://localhost:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async arrived(count: number): Promise<void> {
    while (this.seen.length < count) await pause(2);
  }

  release(): void {
    this.isHolding = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

const setTimeoutOfNode = setTimeout;
const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeoutOfNode(resolve, millis));
const PAGE = {
  // Real ones keep Node running.
  setTimeout: (run: () => void, ms: number) => setTimeoutOfNode(run, ms).unref(),
  location: { href: "https://app.test/" },
  document: { baseURI: "https://app.test/" },
  BroadcastChannel: undefined,
};

describe("a request belongs to the session in which it was made", { skip }, () => {
  let hallpass: typeof Hallpass;
  let angular: typeof HallpassAngular;
  let attachAxios: typeof HallpassAxios.attachAxios;
  let bank: Bank;

  before(async () => {
    for (const [name, value] of Object.entries(PAGE)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    const load = (name: string): Promise<unknown> => import(pathToFileURL(dist(name)).href);
    hallpass = (await load("index.js")) as typeof Hallpass;
    angular = (await load("angular.js")) as typeof HallpassAngular;
    ({ attachAxios } = (await load("axios.js")) as typeof HallpassAxios);
    await hallpass.load();
  });
  beforeEach(async () => {
    bank = new Bank();
    await bank.open();
  });
  after(() => {
    for (const name of Object.keys(PAGE)) Reflect.deleteProperty(globalThis, name);
    Object.assign(globalThis, { setTimeout: setTimeoutOfNode });
  });

  function open(refresh?: Hallpass.AuthOptions["refresh"]): Hallpass.Auth {
    return hallpass.createAuth({ origins: [bank.origin], storage: "memory", ...(refresh === undefined ? {} : { refresh }) });
  }

  /** Sends a transfer, and gives the status of its answer. */
  type Send = (auth: Hallpass.Auth, body: string) => Promise<number>;
  const byAxios = (adapter: "http" | "fetch"): Send => async (auth, body) => {
    const client = axios.create({ adapter, validateStatus: () => true });
    attachAxios(client, auth);
    return (await client.post(`${bank.origin}/transfer`, body)).status;
  };
  const byAngular: Send = async (auth, body) => {
    const injector = createEnvironmentInjector([angular.provideAuth(auth)], null as never).get(Injector);
    const request = new HttpRequest("POST", `${bank.origin}/transfer`, body);
    try {
      const event = await firstValueFrom(runInInjectionContext(injector, () => angular.authInterceptor(request, sendLikeHttpClient)));
      return (event as HttpResponse<unknown>).status;
    } catch (error) {
      assert.ok(error instanceof HttpErrorResponse, String(error));
      return error.status;
    }
  };
  const CLIENTS: readonly (readonly [string, Send])[] = [
    ["fetch", async (auth, body) => (await auth.fetch(`${bank.origin}/transfer`, { method: "POST", body })).status],
    ["axios, http", byAxios("http")],
    ["axios, fetch", byAxios("fetch")],
    ["Angular", byAngular],
  ];

  for (const [name, send] of CLIENTS) {
    for (const tokens of ["JWTs", "opaque tokens"]) {
      const token = (owner: string): string => (tokens === "JWTs" ? jwt(owner) : owner);

      test(`a 401 of Alice's stands when Bob is here: ${name}, ${tokens} (SEC-38)`, async () => {
        for (const signsOut of [true, false]) {
          bank.seen.length = 0;
          bank.isHolding = true;
          bank.good.clear();
          bank.good.add("bob");
          const auth = open(() => Promise.resolve({ accessToken: token("alice2") }));
          await auth.accept({ accessToken: token("alice") });
          const answer = send(auth, "alice pays");
          await bank.arrived(1);
          if (signsOut) await auth.signOut();
          await auth.accept({ accessToken: token("bob") });
          bank.release();
          assert.equal(await answer, 401);
          assert.deepEqual(bank.seen, [{ token: "alice", body: "alice pays" }]);
          assert.equal(await send(auth, "bob pays"), 200);
          auth.close();
        }
        bank.close();
      });
    }

    test(`what waits for Alice's token leaves without one when Bob is here: ${name} (SEC-38)`, async () => {
      bank.release();
      bank.good.add("bob");
      const auth = open(() => new Promise(() => undefined));
      await auth.accept({ accessToken: jwt("alice"), expiresIn: 0 });
      const answer = send(auth, "alice pays");
      const header = assert.rejects(auth.authorization(bank.origin), { code: "signed_out" });
      await pause(20);
      await auth.accept({ accessToken: jwt("bob") });
      assert.equal(await answer, 401);
      assert.deepEqual(bank.seen, [{ token: undefined, body: "alice pays" }]);
      await header;
      auth.close();
      bank.close();
    });

    test(`in the same session it is sent again: ${name} (REL-16)`, async () => {
      bank.good.add("alice2");
      const auth = open(() => Promise.resolve({ accessToken: jwt("alice2") }));
      await auth.accept({ accessToken: jwt("alice") });
      const answer = send(auth, "alice pays");
      await bank.arrived(1);
      bank.release();
      assert.equal(await answer, 200);
      assert.deepEqual(bank.seen.map((one) => one.token), ["alice", "alice2"]);
      auth.close();
      bank.close();
    });

    test(`without a way to refresh a 401 ends the session, once: ${name} (REL-18)`, async () => {
      bank.release();
      const auth = open();
      await auth.accept({ accessToken: "opaque" });
      const changes: string[] = [];
      auth.subscribe((session, change) => changes.push(change.type));
      const answers = await Promise.all([send(auth, "1"), send(auth, "2"), send(auth, "3")]);
      assert.deepEqual(answers, [401, 401, 401]);
      assert.equal(bank.seen.length, 3);
      assert.deepEqual(auth.session, { status: "signed-out", reason: "rejected" });
      assert.deepEqual(changes, ["signed-out"]);
      auth.close();
      bank.close();
    });
  }

  test("a body that cannot be sent twice: the 401 comes back, and ends the session all the same (REL-18)", async () => {
    bank.release();
    const auth = open();
    await auth.accept({ accessToken: "opaque" });
    const body = new Blob(["once"]).stream();
    const answer = await auth.fetch(`${bank.origin}/transfer`, { method: "POST", body, duplex: "half" } as RequestInit);
    assert.equal(answer.status, 401);
    await pause(5);
    assert.deepEqual(auth.session, { status: "signed-out", reason: "rejected" });
    auth.close();
    bank.close();
  });

  test("what is asked before the core is there is handled before a sign-in that comes after it (SEC-38)", async () => {
    bank.release();
    bank.good.add("bob");
    const auth = open();
    const early = auth.fetch(`${bank.origin}/transfer`, { method: "POST", body: "nobody pays" });
    const header = assert.rejects(auth.authorization(bank.origin), { code: "signed_out" });
    const signIn = auth.accept({ accessToken: jwt("bob") });
    assert.equal((await early).status, 401);
    await header;
    await signIn;
    assert.deepEqual(bank.seen, [{ token: undefined, body: "nobody pays" }]);
    auth.close();
    bank.close();
  });
});

/** As much of `HttpClient`'s backend as an interceptor sees. */
function sendLikeHttpClient(request: HttpRequest<unknown>): Observable<HttpEvent<unknown>> {
  const authorization = request.headers.get("Authorization");
  const headers: HeadersInit = authorization === null ? {} : { Authorization: authorization };
  return from(
    fetch(request.url, { method: request.method, body: request.body as string, headers }).then((answer) => {
      const { ok, status, url } = answer;
      return ok ? new HttpResponse({ status }) : new HttpErrorResponse({ status, url });
    }),
  ).pipe(switchMap((event) => (event instanceof HttpErrorResponse ? throwError(() => event) : of(event))));
}

const EXPIRES = Math.floor(Date.now() / 1000) + 3_600;

function jwt(jti: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256" })}.${part({ jti, sub: jti.replace(/\d/g, ""), exp: EXPIRES })}.c2ln`;
}

/** Tokens go by their `jti`, opaque ones by their text. */
function nameOf(authorization: string | undefined): string | undefined {
  const token = /^Bearer (.*)$/.exec(authorization ?? "")?.[1];
  if (token?.includes(".") !== true) return token;
  const claims = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
  return (JSON.parse(claims) as { jti: string }).jti;
}
