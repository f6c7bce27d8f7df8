import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { extname, join, normalize } from "node:path";

/**
 * The origin that a project's pages come from: its built files, or its own server. /api is the reference server's API,
 * as a development server's proxy or a gateway would have it.
 */
export class AppProxy {
  /** What the API was asked: { method, path, status, isAuthorized }. */
  calls = [];
  /** The Content-Security-Policy of the built pages. */
  csp = undefined;
  /** What it serves. @type {{ api: string, dirs?: string[], upstream?: number, base?: string }} `upstream`: the port of the project's own server */
  place;
  #server;

  async start() {
    this.#server = http.createServer((request, response) => {
      this.#serve(request, response).catch((error) => response.destroy(error));
    });
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.listen(0, "localhost");
    await once(this.#server, "listening");
    this.origin = `http://localhost:${this.#server.address().port}`;
    return this;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  callsTo(path) {
    return this.calls.filter((call) => call.path === path);
  }

  async #serve(request, response) {
    const { pathname } = new URL(request.url, this.origin);
    if (pathname.startsWith("/api/")) {
      const call = { method: request.method, path: pathname.slice(4), status: null, isAuthorized: request.headers.authorization !== undefined };
      this.calls.push(call);
      call.status = await forward(request, response, `${this.place.api}${request.url.slice(4)}`);
    } else if (pathname === "/favicon.ico") {
      response.writeHead(204).end();
    } else if (this.place.upstream !== undefined) {
      await forward(request, response, `http://localhost:${this.place.upstream}${request.url}`);
    } else {
      await this.#serveFile(pathname, response);
    }
  }

  async #serveFile(pathname, response) {
    const { dirs, base = "/" } = this.place;
    const path = pathname.startsWith(base) ? normalize(`/${pathname.slice(base.length)}`) : undefined;
    // Paths of the application's own are its page.
    const name = path === undefined ? undefined : extname(path) === "" ? "/index.html" : path;
    for (const dir of name === undefined ? [] : dirs) {
      const content = await readFile(join(dir, name)).catch(() => undefined);
      if (content === undefined) continue;
      const headers = { "Content-Type": TYPES[extname(name)] ?? "application/octet-stream", "Cache-Control": "no-store" };
      if (this.csp !== undefined) headers["Content-Security-Policy"] = this.csp;
      response.writeHead(200, headers).end(content);
      return;
    }
    response.writeHead(404).end();
  }

  /** A development server's socket. */
  #upgrade(request, socket, head) {
    const upstream = http.request({ port: this.place.upstream, host: "localhost", path: request.url, headers: request.headers });
    upstream.on("upgrade", (answer, upstreamSocket, upstreamHead) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
      socket.write(["HTTP/1.1 101 Switching Protocols", ...lines, "", ""].join("\r\n"));
      socket.write(upstreamHead);
      upstreamSocket.write(head);
      upstreamSocket.pipe(socket).pipe(upstreamSocket);
      for (const [one, other] of [[socket, upstreamSocket], [upstreamSocket, socket]]) {
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
    });
    upstream.on("error", () => socket.destroy());
    upstream.end();
  }
}

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".json": "application/json",
};

/** Passes a request on, and its answer back; resolves with the status. */
function forward(request, response, url) {
  const headers = { ...request.headers };
  // The page's origin is not one that the API knows; without one it is asked as by a program.
  for (const name of ["host", "origin", "referer", "connection"]) delete headers[name];
  const client = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const onward = client.request(url, { method: request.method, headers, rejectUnauthorized: false, agent: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
      answer.on("end", () => resolve(answer.statusCode));
      answer.on("error", reject);
    });
    onward.on("error", reject);
    request.pipe(onward);
  });
}
