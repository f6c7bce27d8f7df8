// app/session/route.ts: between the browser and your token server. It keeps the refresh token in a cookie that no script can
// read, and passes access tokens on. Server components that have to know who asks read the same cookie.

const SERVER = "https://api.example.com";
const COOKIE = "__Host-refresh";

/** Sign-in. */
export function POST(request: Request): Promise<Response> {
  return exchange(request, async () => ({ path: "/auth", body: (await request.json()) as unknown }));
}

/** Refresh. */
export function PATCH(request: Request): Promise<Response> {
  return exchange(request, () => ({ path: "/token", body: { refresh_token: cookieOf(request) } }));
}

/** Sign-out. */
export async function DELETE(request: Request): Promise<Response> {
  if (!isOwnPage(request)) return new Response(null, { status: 403 });
  await ask("/token/reject", { refresh_token: cookieOf(request) });
  return new Response(null, { status: 204, headers: { "Set-Cookie": setCookie("", 0) } });
}

interface Call {
  path: string;
  body: unknown;
}

async function exchange(request: Request, call: () => Call | Promise<Call>): Promise<Response> {
  if (!isOwnPage(request)) return new Response(null, { status: 403 });
  const { path, body } = await call();
  if (path === "/token" && cookieOf(request) === undefined) return Response.json({ error: "invalid_grant" }, { status: 400 });
  const answer = await ask(path, body);
  const { refresh_token, ...tokens } = (await answer.json()) as { refresh_token?: string };
  const response = Response.json(tokens, { status: answer.status, headers: { "Cache-Control": "no-store" } });
  if (refresh_token !== undefined) response.headers.set("Set-Cookie", setCookie(refresh_token, 30 * 24 * 3600));
  return response;
}

function ask(path: string, body: unknown): Promise<Response> {
  return fetch(SERVER + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/** The cookie comes along by itself: only this application's own pages may make use of that. */
function isOwnPage(request: Request): boolean {
  return request.headers.get("Sec-Fetch-Site") === "same-origin";
}

function cookieOf(request: Request): string | undefined {
  const pairs = (request.headers.get("Cookie") ?? "").split("; ").map((pair) => pair.split("="));
  return pairs.find(([name]) => name === COOKIE)?.[1];
}

function setCookie(value: string, seconds: number): string {
  return `${COOKIE}=${value}; Path=/; Max-Age=${String(seconds)}; Secure; HttpOnly; SameSite=Strict`;
}
