// ofetch takes a fetch of its own. It sends failed requests once more by itself, but no 401: that is done already.

import { createFetch } from "ofetch";
import { auth } from "./auth";

export const api = createFetch({ fetch: auth.fetch, defaults: { baseURL: "https://api.example.com" } });

export async function loadProfile(): Promise<{ of: string }> {
  return api("/me");
}
