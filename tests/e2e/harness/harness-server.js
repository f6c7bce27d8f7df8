import { once } from "node:events";
import { readFile } from "node:fs/promises";
import https from "node:https";
import { extname, join, normalize } from "node:path";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { certificate } from "./certificate.js";
import { packageDir } from "./package-dir.js";
import { reactModule } from "./react.js";

/**
 * A programmable https server on an origin of its own: an API that answers as a test wants, with a bare page that
 * imports the package as it was packed. For options and answers that the demo app and the reference server do not have.
 *
 * @typedef {object} Call what arrived
 * @property {string} method
 * @property {string} path
 * @property {import("node:http").IncomingHttpHeaders} headers
 * @property {Buffer} body
 * @property {number} at milliseconds since epoch
 *
 * @typedef {object} Reply
 * @property {number} [status] default 200
 * @property {Record<string, string>} [headers]
 * @property {unknown} [json]
 * @property {string | Buffer} [body] instead of `json`
 * @property {number} [delayMs]
 * @property {boolean} [drop] no answer: the connection is cut
 */
export class HarnessServer {
  /** @type {Call[]} */
  calls = [];
  #routes = new Map();
  #server;

  async start() {
    const { private: key, cert } = await certificate();
    this.#server = https.createServer({ key, cert }, (incoming, outgoing) => {
      this.#serve(incoming, outgoing).catch((error) => outgoing.destroy(error));
    });
    this.#server.listen(0, "localhost");
    await once(this.#server, "listening");
    this.origin = `https://localhost:${this.#server.address().port}`;
    return this;
  }

  async stop() {
    if (this.#server === undefined) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** Forgets calls and routes. */
  reset() {
    this.calls = [];
    this.#routes.clear();
  }

  /**
   * Answers `route` ("POST /token") from now on.
   * @param {string} route
   * @param {(call: Call, nth: number) => Reply | Promise<Reply>} answer `nth` counts this route's calls from 1
   */
  on(route, answer) {
    this.#routes.set(route, { answer, count: 0 });
  }

  callsTo(path) {
    return this.calls.filter((call) => call.path === path);
  }

  async #serve(incoming, outgoing) {
    const path = new URL(incoming.url, this.origin).pathname;
    const file = await staticFile(path);
    if (file !== undefined) {
      outgoing.writeHead(200, { ...ANY_ORIGIN, "Content-Type": file.type, "Cache-Control": "no-store" }).end(file.content);
      return;
    }
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const cors = corsHeaders(incoming.headers);
    if (incoming.method === "OPTIONS") {
      outgoing.writeHead(204, cors).end();
      return;
    }
    const call = { method: incoming.method, path, headers: incoming.headers, body: Buffer.concat(chunks), at: Date.now() };
    this.calls.push(call);
    const route = this.#routes.get(`${call.method} ${path}`) ?? this.#routes.get(`* ${path}`);
    if (route === undefined) {
      outgoing.writeHead(404, cors).end();
      return;
    }
    route.count += 1;
    const { status = 200, headers = {}, json, body, delayMs = 0, drop = false } = await route.answer(call, route.count);
    await sleep(delayMs);
    if (drop) {
      incoming.socket.destroy();
      return;
    }
    const content = body ?? (json === undefined ? "" : JSON.stringify(json));
    outgoing.writeHead(status, { ...cors, "Content-Type": "application/json", "Cache-Control": "no-store", ...headers }).end(content);
  }
}

/** Scripts of a page without an origin are cross-origin everywhere. */
const ANY_ORIGIN = { "Access-Control-Allow-Origin": "*" };

/** Everybody may ask and read everything: what does not arrive here was not sent. */
function corsHeaders({ origin, "access-control-request-headers": wanted, "access-control-request-method": method }) {
  return {
    ...(origin && { "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true" }),
    ...(wanted && { "Access-Control-Allow-Headers": wanted }),
    ...(method && { "Access-Control-Allow-Methods": method }),
    "Access-Control-Expose-Headers": "WWW-Authenticate, Retry-After, Date",
    Vary: "Origin",
  };
}

const require = createRequire(import.meta.url);

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8" };

async function staticFile(path) {
  const page = new URL("../page/", import.meta.url).pathname;
  if (path === "/") return read(join(page, "package.html"));
  if (["/hooks.js", "/oidc.js", "/patched.html", "/patched.js", "/react.html", "/soak.html", "/soak.js"].includes(path)) return read(join(page, path));
  if (path === "/favicon.ico") return { type: "image/x-icon", content: "" };
  if (path === "/axios.js") return read(join(require.resolve("axios"), "../../esm/axios.js"));
  const react = await reactModule(path);
  if (react !== undefined) return { type: TYPES[".js"], content: react };
  if (path.startsWith("/hallpass/")) return read(join(await packageDir(), "dist", normalize(path.slice("/hallpass".length))));
  return undefined;
}

async function read(file) {
  return { type: TYPES[extname(file)] ?? "application/octet-stream", content: await readFile(file) };
}
