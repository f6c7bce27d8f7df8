import { request } from "../http.js";

/**
 * `fetch` for libraries in plain Node: takes the self-signed certificates of the servers under test.
 *
 * @param {string} [at] where every host is, "127.0.0.1:1234"
 */
export function secureFetch(at) {
  return async (url, { method = "GET", headers, body } = {}) => {
    const sent = Object.fromEntries(new Headers(headers));
    if (body instanceof URLSearchParams) sent["content-type"] ??= "application/x-www-form-urlencoded;charset=UTF-8";
    const text = body === undefined || body === null ? undefined : String(body);
    const { status, headers: got, text: answer } = await request(String(url), { method, headers: sent, body: text, at });
    const flat = Object.entries(got).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
    return new Response([204, 304].includes(status) ? null : answer, { status, headers: flat });
  };
}
