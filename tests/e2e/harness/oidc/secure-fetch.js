import { request } from "../http.js";

/** `fetch` for libraries in plain Node: takes the self-signed certificates of the servers under test. */
export async function secureFetch(url, { method = "GET", headers, body } = {}) {
  const sent = Object.fromEntries(new Headers(headers));
  const text = body === undefined || body === null ? undefined : String(body);
  if (body instanceof URLSearchParams) sent["content-type"] ??= "application/x-www-form-urlencoded;charset=UTF-8";
  const { status, headers: got, text: answer } = await request(String(url), { method, headers: sent, body: text });
  const flat = Object.entries(got).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  return new Response([204, 304].includes(status) ? null : answer, { status, headers: flat });
}
