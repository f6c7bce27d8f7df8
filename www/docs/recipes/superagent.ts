// For clients that take no fetch of yours: `auth.headers(url)` before each request, and one more after a 401.

import superagent, { type Response } from "superagent";
import { auth } from "./auth";

/** Calls `send` with the headers that `url` may have, and once more with newer ones where the token is not good any more. */
export async function withToken<T extends { status: number }>(url: string, send: (headers: Record<string, string>) => Promise<T>): Promise<T> {
  const headers = await auth.headers(url);
  if (headers === null) return send({}); // not one of `origins`
  const answer = await send(headers);
  if (answer.status !== 401) return answer;
  // Of many that come back with a 401 at once, the first asks for a new token. For those that come later there is one:
  // what they were sent with is not the token of now.
  if (headers["Authorization"] === (await auth.authorization(url))) await auth.refresh();
  return send((await auth.headers(url)) ?? {});
}

export function get(url: string): Promise<Response> {
  return withToken(url, async (headers) => superagent.get(url).set(headers).ok(() => true));
}
