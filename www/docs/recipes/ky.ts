// ky takes a fetch of your own: the token, the refresh on 401 and the one replay come with it.
// ky's own retries are for other failures; leave 401 out of `retry.statusCodes`, where it is not by default.

import ky from "ky";
import { auth } from "./auth";

export const api = ky.create({ baseUrl: "https://api.example.com/", fetch: auth.fetch });

export async function loadProfile(): Promise<{ name: string }> {
  return api.get("me").json();
}
