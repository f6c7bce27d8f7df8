// Sentry measures requests by a fetch of its own. hallpass keeps to the one that it found when it was imported, so that
// scripts which come later do not see tokens: what you let in here does, in the headers of each request and in the bodies
// of sign-in and refresh. Sentry notes method, address and status. Do not let Replay record these (`networkDetailAllowUrls`,
// `networkRequestHeaders`), and keep what is personal out of the addresses.

import * as Sentry from "@sentry/browser";
import { createAuth } from "hallpass";

Sentry.init({
  dsn: "https://key@errors.example.com/1",
  // Sends `sentry-trace` and `baggage` along: your API has to allow these headers.
  tracePropagationTargets: ["https://api.example.com"],
});

export const auth = createAuth({
  origins: ["https://api.example.com"],
  signIn: "https://api.example.com/auth",
  refresh: "https://api.example.com/token",
  fetch: (input, init) => globalThis.fetch(input, init),
});
