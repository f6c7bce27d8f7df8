// msw/node puts a fetch of its own in place of the platform's, in your tests' `beforeAll`. hallpass keeps to the one that it
// found when it was imported, so say that it shall look each time. (MSW's worker in a browser needs nothing: it sits below.)

import { createAuth } from "hallpass";
import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";

const api = "https://api.example.com";

export const auth = createAuth({
  origins: [api],
  signIn: `${api}/auth`,
  refresh: `${api}/token`,
  fetch: (input, init) => globalThis.fetch(input, init),
});

export const server = setupServer(
  http.post(`${api}/auth`, () => HttpResponse.json({ access_token: "first", refresh_token: "r-1", expires_in: 600 })),
  http.post(`${api}/token`, () => HttpResponse.json({ access_token: "second", refresh_token: "r-2", expires_in: 600 })),
  http.get(`${api}/me`, ({ request }) => {
    const isGood = request.headers.get("Authorization") === "Bearer second";
    return isGood ? HttpResponse.json({ name: "Ada" }) : new HttpResponse(null, { status: 401 });
  }),
);
