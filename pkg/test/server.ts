import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createClosingServer } from "./closing-server.js";

export interface Seen {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  bytes: number;
  sha256: string;
  body: Buffer;
}

/** A real server on loopback: wants the token `good`, answers everything else with 401, and remembers what it saw. */
export interface TestServer {
  readonly origin: string;
  readonly seen: Seen[];
  /** The tokens that are accepted. */
  readonly good: Set<string>;
  close(): Promise<void>;
}

export async function startServer(): Promise<TestServer> {
  const seen: Seen[] = [];
  const good = new Set(["good"]);
  const server: Server = createClosingServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const path = request.url ?? "";
      seen.push({
        method: request.method ?? "",
        path,
        headers: request.headers,
        bytes: body.length,
        sha256: createHash("sha256").update(body).digest("hex"),
        body,
      });
      const redirect = new URL(path, "http://localhost").searchParams.get("to");
      if (redirect !== null) {
        response.writeHead(307, { location: redirect }).end();
        return;
      }
      const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1];
      if (token !== undefined && good.has(token)) {
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ ok: true }));
      } else {
        response.writeHead(401, { "www-authenticate": 'Bearer error="invalid_token"', "content-type": "application/json" }).end('{"error":"no"}');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    origin: `http://localhost:${String((server.address() as AddressInfo).port)}`,
    seen,
    good,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
