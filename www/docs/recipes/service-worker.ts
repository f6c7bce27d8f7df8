// sw.ts: gives <img>, <video> and downloads of your API a token. The worker holds none: it asks the page that made the
// request, and the page answers with a header, or with null where the URL may not have it.

declare const self: ServiceWorkerGlobalScope;

const API = "https://api.example.com";

self.addEventListener("fetch", (event) => {
  const { request } = event;
  // auth.fetch and the adapters have put theirs on already.
  if (new URL(request.url).origin !== API || request.method !== "GET" || request.headers.has("Authorization")) return;
  event.respondWith(authorized(request, event.clientId));
});

async function authorized(request: Request, clientId: string): Promise<Response> {
  const authorization = await askPage(clientId, request.url);
  if (authorization === null) return fetch(request);
  // An image's own request is "no-cors", and such a one carries no Authorization: the API has to allow CORS.
  return fetch(request.url, { headers: { ...Object.fromEntries(request.headers), authorization }, mode: "cors", credentials: "omit" });
}

async function askPage(clientId: string, url: string): Promise<string | null> {
  const page = await self.clients.get(clientId);
  if (page === undefined) return null;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<string | null>((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<string | null>) => resolve(data);
    setTimeout(resolve, 5_000, null);
  });
  page.postMessage({ type: "authorization", url }, [port2]);
  return answer;
}
