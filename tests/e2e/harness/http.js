import https from "node:https";
import http from "node:http";

/**
 * A plain HTTP client: no cookies, no CORS, no redirects. What it is given is what it sends.
 * Accepts the self-signed certificates of the servers under test.
 *
 * @param {string} url
 * @param {{ method?: string, headers?: Record<string, string>, body?: unknown, at?: string }} [request] an object body goes as
 *   JSON; `at`: where the URL's host really is, "127.0.0.1:1234"
 * @returns {Promise<{ status: number, headers: import("node:http").IncomingHttpHeaders, text: string, json: any }>}
 */
export function request(url, { method = "GET", headers = {}, body, at } = {}) {
  const isJson = typeof body === "object" && body !== null && !Buffer.isBuffer(body);
  const sent = isJson ? JSON.stringify(body) : body;
  const client = url.startsWith("https:") ? https : http;
  const { host } = new URL(url);
  const sentHeaders = { Host: host, ...(isJson && { "Content-Type": "application/json" }), ...headers };
  const [hostname, port] = at?.split(":") ?? [];
  return new Promise((resolve, reject) => {
    const outgoing = client.request(
      url,
      { method, rejectUnauthorized: false, agent: false, headers: sentHeaders, ...(at && { hostname, port }) },
      (incoming) => {
        const chunks = [];
        incoming.on("data", (chunk) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({
            status: incoming.statusCode,
            headers: incoming.headers,
            text,
            get json() {
              return JSON.parse(text);
            },
          });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(sent);
  });
}
