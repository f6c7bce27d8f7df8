import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { certificate } from "../../e2e/harness/certificate.js";
import { packageDir } from "../../e2e/harness/package-dir.js";

export const APP = "https://app.example.com";
export const API = "https://api.example.com";

const require = createRequire(import.meta.url);
const PAGE = fileURLToPath(new URL("../page/", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8" };

/**
 * Both hosts that a browser sees, over https: the application's, with a bare page, the package as it was packed and the
 * options under test; and the API's, which is the back end itself, with each call written down. The browser is told by a
 * flag where they are, so the options are used as they stand in the documentation.
 *
 * @typedef {object} Call
 * @property {string} method
 * @property {string} path
 * @property {import("node:http").IncomingHttpHeaders} headers
 * @property {string} body
 * @property {number} status
 */
export class Front {
  /** What the API was asked, preflights left out. @type {Call[]} */
  calls = [];
  #server;
  #backEnd;
  #script;

  /**
   * @param {import("./back-end.js").BackEnd} backEnd
   * @param {{ entry: string, app?: string }} [script] what the page runs; `app`: what that imports by this name
   */
  constructor(backEnd, script) {
    this.#backEnd = backEnd;
    this.#script = script;
  }

  async start() {
    const { private: key, cert } = await certificate();
    this.#server = https.createServer({ key, cert }, (request, response) => {
      const serve = request.headers.host === new URL(API).host ? this.#forward(request, response) : this.#servePage(request, response);
      serve.catch((error) => response.destroy(error));
    });
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    /** Where both hosts are. */
    this.at = `127.0.0.1:${this.#server.address().port}`;
    /** For the browser. */
    this.flags = [`--host-resolver-rules=${[APP, API].map((origin) => `MAP ${new URL(origin).host}:443 ${this.at}`).join(",")}`];
    return this;
  }

  async stop() {
    if (this.#server === undefined) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  callsTo(path) {
    return this.calls.filter((call) => call.path === path);
  }

  async #servePage({ url }, response) {
    const path = normalize(new URL(url, APP).pathname);
    const content = await this.#file(path);
    if (content === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? TYPES[".html"], "Cache-Control": "no-store" }).end(content);
  }

  async #file(path) {
    if (path === "/script.js") return compile(this.#script);
    if (path === "/clock.js") return readFile(join(PAGE, "clock.js"));
    if (path === "/axios.js") return readFile(join(require.resolve("axios"), "../../esm/axios.js"));
    if (path.startsWith("/hallpass/")) return readFile(join(await packageDir(), "dist", path.slice("/hallpass".length)));
    return extname(path) === "" ? readFile(join(PAGE, "index.html")) : undefined;
  }

  async #forward(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { upstream, origin } = this.#backEnd;
    const headers = { ...request.headers, "x-forwarded-proto": "https" };
    if (origin !== undefined && headers.origin === APP) headers.origin = origin;
    const client = upstream.startsWith("https:") ? https : http;
    const onward = client.request(upstream + request.url, { method: request.method, headers, rejectUnauthorized: false, agent: false });
    onward.end(body);
    const [answer] = await once(onward, "response");
    const said = { ...answer.headers };
    if (origin !== undefined && said["access-control-allow-origin"] === origin) said["access-control-allow-origin"] = APP;
    if (request.method !== "OPTIONS") {
      const { pathname } = new URL(request.url, API);
      this.calls.push({ method: request.method, path: pathname, headers: request.headers, body: String(body), status: answer.statusCode });
    }
    response.writeHead(answer.statusCode, said);
    answer.pipe(response);
  }
}

async function compile({ entry, app }) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["hallpass", "hallpass/*", "axios"],
    ...(app && { alias: { app } }),
    logLevel: "warning",
  });
  return outputFiles[0].contents;
}
