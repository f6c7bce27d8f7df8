import { once } from "node:events";
import { readFile } from "node:fs/promises";
import https from "node:https";
import { setTimeout as delay } from "node:timers/promises";
import { certificate } from "../../e2e/harness/certificate.js";
import { Api } from "./api.js";
import { AuthorizationServer } from "./provider.js";

/** One way to the authorization server, as over the internet. */
const WAY_MILLIS = 50;
const page = (name) => readFile(new URL(`../page/${name}`, import.meta.url));

/**
 * The three hosts that a browser sees: `app.example.com` with one application, `id.example.com`, the authorization
 * server, and `api.example.com`. The browser is told by a flag where they are.
 */
export class Stage {
  provider = new AuthorizationServer();
  api = new Api();
  /** Paths of scripts that the application asked for. @type {string[]} */
  scripts = [];
  /** Requests to the authorization server, preflights left out. */
  requests = 0;
  #files = new Map();
  #pages;
  #server;

  async start() {
    await this.provider.start();
    this.api.trust(this.provider.jwks);
    this.#pages = { "/": await page("index.html"), "/silent-check-sso.html": await page("silent-check-sso.html") };
    const { private: key, cert } = await certificate();
    this.#server = https.createServer({ key, cert }, (request, response) => {
      response.setHeader("Date", new Date(Date.now()).toUTCString());
      this.#serve(request, response).catch((error) => {
        console.error(error);
        response.destroy();
      });
    });
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.flags = [`--host-resolver-rules=MAP *.example.com:443 127.0.0.1:${this.#server.address().port}`, "--ignore-certificate-errors"];
    return this;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** From now on this is the application. */
  put(files) {
    this.#files = files;
  }

  /** Forgets what was asked; sessions stay. */
  forget() {
    this.scripts = [];
    this.requests = 0;
    this.provider.forget();
    this.api.forget();
  }

  async #serve(request, response) {
    const { host } = request.headers;
    if (host === "api.example.com") return this.api.handle(request, response);
    if (host !== "id.example.com") return this.#serveApp(request, response);
    if (request.method !== "OPTIONS") this.requests += 1;
    await delay(WAY_MILLIS);
    const { end } = response;
    // The way back.
    response.end = (...args) => void setTimeout(() => end.apply(response, args), WAY_MILLIS);
    return this.provider.handle(request, response);
  }

  #serveApp({ url }, response) {
    const { pathname } = new URL(url, "https://app.example.com");
    const script = this.#files.get(pathname);
    if (script !== undefined) this.scripts.push(pathname);
    const content = script ?? this.#pages[pathname];
    const type = script === undefined ? "text/html; charset=utf-8" : "text/javascript; charset=utf-8";
    response.writeHead(content === undefined ? 404 : 200, { "Content-Type": type, "Cache-Control": "no-store" }).end(content);
  }
}
