import { build } from "esbuild";
import { Window } from "happy-dom";
import { mkdirSync, writeFileSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AuthOptions, KeyValueStorage } from "../src/index.js";
import { createClosingServer } from "./closing-server.js";

/*
 * Runs recipes of the documentation: the files as they stand there, but for the address of the API (and the storage, where a
 * test says so), with the package as it is shipped and the real libraries, in a page in Node.
 */

const recipes = join(process.cwd(), "test/recipes");
/** Inside of the package, so that its own name leads to `dist`. */
const folder = join(process.cwd(), ".readme/run");
let count = 0;

/** A module of the package as it is shipped: the one that recipes import. */
export const shipped = <T>(name: string): Promise<T> => import(pathToFileURL(join(process.cwd(), "dist", `${name}.js`)).href) as Promise<T>;

export interface RunOptions {
  /** Other versions of libraries. */
  readonly alias?: Record<string, string>;
  /** Libraries that have to be built as for a browser; all that they export comes with what the recipes do. */
  readonly built?: readonly string[];
  /** Put into the options of `createAuth`. */
  readonly storage?: KeyValueStorage;
  /** In place of the options of `createAuth`. */
  readonly options?: AuthOptions;
  /** Texts that stand for what only the test knows. */
  readonly replaced?: Record<string, string>;
}

/** All that these recipes export, each time anew. */
export async function runRecipes<T>(names: readonly string[], api: string, { alias = {}, built, storage, options, replaced = {} }: RunOptions = {}): Promise<T> {
  const { outputFiles } = await build({
    stdin: { contents: [...names.map((name) => `./${name}`), ...(built ?? [])].map((from) => `export * from "${from}";`).join("\n"), resolveDir: recipes },
    bundle: true,
    format: "esm",
    ...(built ? { external: SHARED, conditions: ["browser"] } : { packages: "external" }),
    preserveSymlinks: true,
    tsconfigRaw: "{}", // the one of the tests leads to the sources
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    jsx: "automatic",
    alias,
    write: false,
  });
  const file = join(folder, `${String(process.pid)}-${String(count++)}.mjs`);
  mkdirSync(folder, { recursive: true });
  let text = (outputFiles[0]?.text ?? "").replaceAll("https://api.example.com", api);
  for (const [from, to] of Object.entries(replaced)) text = text.replaceAll(from, to);
  if (options !== undefined) {
    Object.assign(globalThis, { optionsOfRecipes: options });
    text = text.replace(/createAuth\(\{[^}]*\}\)/, "createAuth(globalThis.optionsOfRecipes)");
  }
  if (storage !== undefined) {
    Object.assign(globalThis, { storageOfRecipes: storage });
    text = text.replace("createAuth({", "createAuth({ storage: globalThis.storageOfRecipes,");
  }
  writeFileSync(file, text);
  return (await import(pathToFileURL(file).href)) as T;
}

const SHARED = ["hallpass", "hallpass/*", "react", "react/*", "react-dom", "react-dom/*"];

const setTimeoutOfNode = setTimeout;
export const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeoutOfNode(resolve, millis));

/** Waits until `condition` holds: for five seconds at most. */
export async function until(condition: () => boolean, what: () => string): Promise<void> {
  for (const end = Date.now() + 5_000; Date.now() < end; ) {
    if (condition()) return;
    await pause(5);
  }
  throw new Error(`not within five seconds: ${what()}`);
}

/** The page that is open, or none. */
let open: Window | undefined;
/** Takes the globals of the last page out of Node again. */
let leave = (): void => {};

/**
 * Puts a page at `url` into Node, with all that a library may look for. Node keeps its own fetch. What a closed page still
 * has to do finds its globals until the next one opens; its timers run no more, as in a browser.
 */
export function openPage(url: string): { window: Window; close(): void } {
  leave();
  const window = (open = new Window({ url }));
  const added: string[] = [];
  const before = new Map<string, PropertyDescriptor>();
  const put = (name: string, value: unknown): void => {
    const own = Object.getOwnPropertyDescriptor(globalThis, name);
    if (own) before.set(name, own);
    added.push(name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  };
  leave = () => {
    for (const name of added) Reflect.deleteProperty(globalThis, name);
    for (const [name, own] of before) Object.defineProperty(globalThis, name, own);
  };
  put("setTimeout", (run: (...args: unknown[]) => void, ms: number, ...args: unknown[]) => {
    const page = open; // a library keeps the function that it found in the first page
    // Real ones keep Node running.
    return setTimeoutOfNode(() => {
      if (page === open) run(...args);
    }, ms).unref();
  });
  put("IS_REACT_ACT_ENVIRONMENT", false);
  for (const name of ["window", "document", "location", "history", "navigator", "sessionStorage", "Event", "CustomEvent"] as const) put(name, window[name]);
  for (const name of Object.getOwnPropertyNames(window)) {
    if (/^[A-Z]/.test(name) && !(name in globalThis)) put(name, (window as unknown as Record<string, unknown>)[name]);
  }
  for (const name of ["requestAnimationFrame", "cancelAnimationFrame", "getComputedStyle", "matchMedia", "scrollTo", "customElements", "addEventListener", "removeEventListener"] as const) {
    const value = window[name] as unknown;
    put(name, typeof value === "function" ? value.bind(window) : value);
  }
  put("self", globalThis);
  return {
    window,
    close() {
      open = undefined;
      window.close();
    },
  };
}

/**
 * A server with users. What it gives to `ada` shows whose it is: `{"of":"ada"}`. Tokens are good until `expire()`,
 * refresh tokens once.
 */
export class Backend {
  /** Path and user of each request that is not about tokens; `null`: refused. */
  readonly seen: { path: string; user: string | null }[] = [];
  refreshes = 0;
  refusesRefresh = false;
  /** GraphQL's way: the answer is 200, and says it in words. */
  isGraphQL = false;
  /** Answers wait for it. */
  gate: Promise<void> = Promise.resolve();
  readonly #access = new Map<string, string>();
  readonly #refresh = new Map<string, string>();
  #count = 0;
  readonly #server: Server = createClosingServer((request, response) => void this.#answer(request, response));

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "localhost", resolve));
    return this;
  }

  get origin(): string {
    return `http://localhost:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** `atOnce`: answers only when so many requests are there. */
  expire(atOnce = 0): void {
    this.#access.clear();
    const count = this.seen.length + atOnce;
    this.gate = until(() => this.seen.length >= count, () => `${String(count)} requests`);
  }

  reset(): void {
    this.seen.length = this.refreshes = 0;
    this.refusesRefresh = this.isGraphQL = false;
    this.gate = Promise.resolve();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const path = request.url ?? "";
    const say = (status: number, answer: unknown): void => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));

    if (path === "/token/reject") return say(200, {});
    if (path === "/auth") return say(200, this.#tokens((JSON.parse(body) as { username: string }).username));
    if (path === "/token") {
      this.refreshes++;
      await pause(20);
      const { refresh_token: token } = JSON.parse(body) as { refresh_token: string };
      const user = this.#refresh.get(token);
      this.#refresh.delete(token);
      return user === undefined || this.refusesRefresh ? say(401, {}) : say(200, this.#tokens(user));
    }

    const user = this.#access.get((request.headers.authorization ?? "").replace("Bearer ", "")) ?? null;
    this.seen.push({ path, user });
    await this.gate;
    if (this.isGraphQL) return say(200, user === null ? { errors: [{ message: "no", extensions: { code: "UNAUTHENTICATED" } }] } : { data: { me: { __typename: "User", id: path, of: user } } });
    if (user === null) return say(401, { error: "invalid_token" });
    say(200, { of: user });
  }

  #tokens(user: string): object {
    const [access, refresh] = [`access-${String(++this.#count)}`, `refresh-${String(this.#count)}`];
    this.#access.set(access, user);
    this.#refresh.set(refresh, user);
    return { access_token: access, refresh_token: refresh, expires_in: 600 };
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
