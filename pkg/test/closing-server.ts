import { createServer, type RequestListener, type Server } from "node:http";

/**
 * A server that closes each connection after its answer: in Node 20 a timer of `fetch` throws where a connection that was
 * kept runs out, and the test file fails that happens to run then.
 */
export function createClosingServer(listener: RequestListener): Server {
  const server = createServer(listener);
  server.maxRequestsPerSocket = 1;
  return server;
}
