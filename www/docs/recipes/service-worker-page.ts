// The page's half of the service worker: it decides, for each URL anew, who gets a token.

import { createAuth } from "hallpass";

const auth = createAuth({ origins: ["https://api.example.com"], refresh: "https://api.example.com/token" });

void navigator.serviceWorker.register("/sw.js", { type: "module" });

// Only a worker of this page's own origin can send this event.
navigator.serviceWorker.addEventListener("message", ({ data, ports }: MessageEvent<{ type?: unknown; url?: unknown }>) => {
  if (data.type !== "authorization" || typeof data.url !== "string") return;
  auth.authorization(data.url).then(
    (header) => ports[0]?.postMessage(header),
    () => ports[0]?.postMessage(null), // signed out, or no token to be had now
  );
});
