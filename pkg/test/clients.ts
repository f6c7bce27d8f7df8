import "@angular/compiler"; // Angular's own packages are compiled when they are used here
import { HttpClient, HttpErrorResponse, provideHttpClient, withFetch, withInterceptors } from "@angular/common/http";
import { type ApplicationRef, Component, type Type, createEnvironmentInjector, provideZonelessChangeDetection } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { Window } from "happy-dom";
import assert from "node:assert/strict";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, beforeEach } from "node:test";
import { pathToFileURL } from "node:url";
import { firstValueFrom, fromEvent, map, race } from "rxjs";
import type * as HallpassAngular from "../src/adapters/angular.js";
import type * as HallpassAxios from "../src/adapters/axios.js";
import type * as Hallpass from "../src/index.js";
import { createClosingServer } from "./closing-server.js";

/*
 * The package as it is shipped, with its real core, behind every client that it serves, and a real server: what the
 * clients have in common is asked of each of them.
 */

export interface Request {
  readonly url: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

export interface Client {
  readonly name: string;
  /** It can send a `ReadableStream`. */
  readonly streams: boolean;
  /** `auth.fetch` is a call of the auth; the others are the application's own, and outlive it. */
  readonly isOptional: boolean;
  /** Posts, and gives the status of the answer. */
  send(auth: Hallpass.Auth, request: Request): Promise<number>;
  /** Posts, and gives the answer. */
  receive(auth: Hallpass.Auth, request: Request): Promise<Received>;
}

export interface Received {
  readonly status: number;
  readonly body: string;
}

function clientOf(name: string, traits: Pick<Client, "streams" | "isOptional">, receive: Client["receive"]): Client {
  return { name, ...traits, receive, send: async (auth, request) => (await receive(auth, request)).status };
}

export interface World {
  readonly hallpass: typeof Hallpass;
  readonly clients: readonly Client[];
  close(): void;
}

/** The names of the clients, to make tests of before there is a world. */
export const CLIENTS = ["fetch", "axios, xhr", "axios, fetch", "Angular, xhr", "Angular, fetch"] as const;

const setTimeoutOfNode = setTimeout;
export const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeoutOfNode(resolve, millis));

/** An application with nothing in it. */
const Root = Component({ selector: "app-root", template: "" })(function () {} as unknown as Type<unknown>);

/** A page in Node, at `url`. */
export async function openWorld(url: string): Promise<World> {
  const window = new Window({ url, settings: { fetch: { disableSameOriginPolicy: true } } });
  window.document.body.innerHTML = "<app-root></app-root>";
  const page: Record<string, unknown> = {
    window,
    document: window.document,
    location: window.location,
    XMLHttpRequest: window.XMLHttpRequest,
    BroadcastChannel: undefined,
    // Real ones keep Node running.
    setTimeout: (run: () => void, ms: number) => setTimeoutOfNode(run, ms).unref(),
  };
  for (const [name, value] of Object.entries(page)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const load = (name: string): Promise<unknown> => import(pathToFileURL(join(process.cwd(), "dist", name)).href);
  const hallpass = (await load("index.js")) as typeof Hallpass;
  const angular = (await load("angular.js")) as typeof HallpassAngular;
  const { attachAxios } = (await load("axios.js")) as typeof HallpassAxios;
  // It looks for XMLHttpRequest when it is loaded.
  const { default: axios } = await import("axios");
  await hallpass.load();
  const app = await bootstrapApplication(Root, { providers: [provideZonelessChangeDetection()] });

  const byAxios = (adapter: "xhr" | "fetch"): Client["receive"] => async (auth, { url, body, ...config }) => {
    const client = axios.create({ adapter, validateStatus: () => true });
    attachAxios(client, auth);
    const { status, data } = await client.post<string>(url, body, { ...config, responseType: "text" });
    return { status, body: data };
  };
  const byAngular = (app: ApplicationRef, ...backend: ReturnType<typeof withFetch>[]): Client["receive"] => async (auth, request) => {
    const { url, body, headers, signal } = request;
    const providers = [angular.provideAuth(auth), provideHttpClient(withInterceptors([angular.authInterceptor]), ...backend)];
    const http = createEnvironmentInjector(providers, app.injector).get(HttpClient);
    const answer = http.post(url, body ?? null, { ...(headers && { headers }), observe: "response", responseType: "text" }).pipe(map(({ status, body }) => ({ status, body: body ?? "" })));
    // What it has instead of a signal: nobody listens any more.
    const end = signal && fromEvent(signal, "abort").pipe(map(() => { throw new Error("aborted"); }));
    try {
      return await firstValueFrom(end ? race(answer, end) : answer);
    } catch (error) {
      if (error instanceof HttpErrorResponse) return { status: error.status, body: String(error.error ?? "") };
      throw error;
    }
  };
  const byFetch: Client["receive"] = async (auth, { url, ...init }) => {
    const answer = await auth.fetch(url, { method: "POST", ...init, ...(init.body instanceof ReadableStream && { duplex: "half" }) } as RequestInit);
    return { status: answer.status, body: await answer.text() };
  };

  return {
    hallpass,
    clients: [
      clientOf("fetch", { streams: true, isOptional: false }, byFetch),
      clientOf("axios, xhr", { streams: false, isOptional: true }, byAxios("xhr")),
      clientOf("axios, fetch", { streams: true, isOptional: true }, byAxios("fetch")),
      clientOf("Angular, xhr", { streams: false, isOptional: true }, byAngular(app)),
      clientOf("Angular, fetch", { streams: false, isOptional: true }, byAngular(app, withFetch())),
    ],
    close() {
      app.destroy();
      for (const name of Object.keys(page)) Reflect.deleteProperty(globalThis, name);
      Object.assign(globalThis, { setTimeout: setTimeoutOfNode });
    },
  };
}

/** What the tests of a file have in common. */
export interface Stage {
  readonly api: Api;
  /** A server that may not have the token. */
  readonly foreign: Api;
  /** A page of the first server. */
  readonly world: World;
  /** What `reportError` was given. */
  readonly reported: unknown[];
}

/** Opens all of it before the first test of the file that calls this, and forgets before each test what came of the last one. */
export function setStage(): Stage {
  const [api, foreign, reported] = [new Api(), new Api(), [] as unknown[]];
  let world: World | undefined;
  before(async () => {
    await api.open();
    await foreign.open();
    world = await openWorld(`${api.origin}/app/`);
    Object.defineProperty(globalThis, "reportError", { value: (error: unknown) => reported.push(error), configurable: true });
  });
  after(() => {
    Reflect.deleteProperty(globalThis, "reportError");
    world?.close();
    api.close();
    foreign.close();
  });
  beforeEach(() => {
    api.reset();
    foreign.reset();
    reported.length = 0;
  });
  return {
    api,
    foreign,
    reported,
    get world() {
      return world ?? assert.fail("there is no page before the first test");
    },
  };
}

export interface Seen {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
  readonly type: string | undefined;
  readonly headers: IncomingMessage["headers"];
}

/** What a server with rules of its own says; `undefined`: as any other. */
export type OwnRules = (request: Seen) => { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> } | undefined;

/** A server that holds its answers while `isHolding`; they stand in `answers` by path, else a token of `good` gets 200. */
export class Api {
  readonly seen: Seen[] = [];
  readonly good = new Set<string>();
  isHolding = false;
  rules: OwnRules = () => undefined;
  #held: (() => void)[] = [];
  readonly #server: Server = createClosingServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { headers } = request;
      const seen = { path: request.url ?? "", authorization: headers.authorization, body: String(Buffer.concat(chunks)), type: headers["content-type"], headers };
      if (request.method === "POST") this.seen.push(seen);
      const answer = (): void => {
        const own = this.rules(seen);
        if (own === undefined) this.#answer(request, response);
        else response.writeHead(own.status, own.headers).end(own.body);
      };
      if (this.isHolding) this.#held.push(answer);
      else answer();
    });
  });

  #answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    const to = new URL(url, "http://localhost").searchParams.get("to");
    if (to !== null) return void response.writeHead(307, { location: to }).end();
    const token = /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1];
    if (url === "/forbidden") return void response.writeHead(403).end();
    if (url !== "/scope" && token !== undefined && this.good.has(token)) return void response.writeHead(200).end("{}");
    response.writeHead(401, { "www-authenticate": `Bearer error="${url === "/scope" ? "insufficient_scope" : "invalid_token"}"` }).end();
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "localhost", resolve));
    return this;
  }

  get origin(): string {
    return `http://localhost:${String((this.#server.address() as AddressInfo).port)}`;
  }

  get tokens(): (string | undefined)[] {
    return this.seen.map(({ authorization }) => authorization?.replace("Bearer ", ""));
  }

  async arrived(count: number): Promise<void> {
    while (this.seen.length < count) await pause(2);
  }

  hold(): void {
    this.isHolding = true;
  }

  release(): void {
    this.isHolding = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  reset(): void {
    this.release();
    this.seen.length = 0;
    this.good.clear();
    this.rules = () => undefined;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
