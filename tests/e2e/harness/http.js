import https from "node:https";
import http from "node:http";

/**
 * A plain HTTP client: no cookies, no CORS, no redirects. What it is given is what it sends.
 * Accepts the self-signed certificates of the servers under test.
 *
 * @param {string} url
 * @param {{ method?: string, headers?: Record<string, string>, body?: unknown }} [request] an object body goes as JSON
 * @returns {Promise<{ status: number, headers: import("node:http").IncomingHttpHeaders, text: string, json: any }>}
 */
export function request(url, { method = "GET", headers = {}, body } = {}) {
  const isJson = typeof body === "object" && body !== null && !Buffer.isBuffer(body);
  const sent = isJson ? JSON.stringify(body) : body;
  const client = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = client.request(
      url,
      { method, rejectUnauthorized: false, agent: false, headers: { ...(isJson && { "Content-Type": "application/json" }), ...headers } },
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
