/** The pages, an API that wants a token, and an ear for what pages report. On loopback. */

import { createServer } from "node:http";
import { gzipSync } from "node:zlib";

const PATIENCE_MILLIS = 180_000;
const TYPES = { html: "text/html", js: "text/javascript", wasm: "application/wasm", txt: "text/plain" };
/** What makes the page's clock fine enough for single calls. */
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** `files` from path to content; all are compressed ahead. `accessToken` is the one that the API takes. */
export async function startServer(files, accessToken) {
  const packed = new Map([...files].map(([path, content]) => [path, gzipSync(content, { level: 9 })]));
  let listener;
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    if (path === "/report") {
      let text = "";
      for await (const chunk of request) text += chunk;
      response.end();
      listener?.(JSON.parse(text));
    } else if (path === "/api/items") {
      const isAllowed = request.headers.authorization === `Bearer ${accessToken}`;
      response.writeHead(isAllowed ? 200 : 401, { "Content-Type": "application/json" }).end("[]");
    } else if (path === "/api/file" && request.method === "POST") {
      let bytes = 0;
      for await (const chunk of request) bytes += chunk.length;
      response.writeHead(200, { "Content-Type": "application/json" }).end(String(bytes));
    } else if (path === "/api/file") {
      const file = Buffer.alloc(Number(new URL(request.url, "http://localhost").searchParams.get("bytes")));
      response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": file.length, "Cache-Control": "no-store" });
      response.end(file);
    } else if (path === "/api/open") {
      response.writeHead(200, { "Content-Type": "application/json" }).end("[]");
    } else if (packed.has(path)) {
      const type = TYPES[path.split(".").at(-1)] ?? "text/html";
      const headers = { "Content-Type": type, "Content-Encoding": "gzip", "Cache-Control": "no-store" };
      if (!path.startsWith("/start/")) Object.assign(headers, ISOLATED);
      response.writeHead(200, headers).end(packed.get(path));
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    /** What the next page reports. */
    report: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("no page reported in time")), PATIENCE_MILLIS);
        listener = (outcome) => {
          clearTimeout(timer);
          if (outcome.error === undefined) resolve(outcome);
          else reject(new Error(`in the page: ${outcome.error}\n${outcome.stack ?? ""}`));
        };
      }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
