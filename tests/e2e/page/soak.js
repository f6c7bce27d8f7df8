/*
 * A page for a million operations. No hooks.js here, which writes down everything that happens. The server is a
 * function in the page, so that what is measured is the package and not the network.
 */
const soak = { timers: new Set(), memory: undefined, calls: 0 };
window.soak = soak;

const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = window;
window.setTimeout = (handler, delay, ...args) => {
  const id = realSetTimeout(() => {
    soak.timers.delete(id);
    handler(...args);
  }, delay);
  soak.timers.add(id);
  return id;
};
window.clearTimeout = (id) => {
  soak.timers.delete(id);
  realClearTimeout(id);
};

const realInstantiate = WebAssembly.instantiate;
WebAssembly.instantiate = async (...args) => {
  const result = await realInstantiate.apply(WebAssembly, args);
  soak.memory = (result.instance ?? result).exports.memory;
  return result;
};

const part = (value) => btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
function token() {
  const now = Math.floor(Date.now() / 1000);
  soak.calls += 1;
  return `${part({ alg: "HS256" })}.${part({ sub: "user", iat: now, exp: now + 3_600, jti: String(1e9 + soak.calls), roles: ["a", "b"] })}.${"s".repeat(43)}`;
}

window.fetch = async (input) => {
  const url = String(input.url ?? input);
  if (url.endsWith("/token")) return Response.json({ access_token: token(), refresh_token: "r".repeat(40), expires_in: 3_600 });
  // Nobody reads these bodies.
  return new Response("x".repeat(200), { status: url.endsWith("/broken") ? 503 : 200 });
};

/** Does `count` operations, a mix as of a busy application. */
soak.run = async (count) => {
  const { hallpass, auth } = soak;
  for (let n = 0; n < count; ) {
    const current = await auth.token();
    await auth.fetch("/data");
    hallpass.decodeToken(current);
    const ends = [auth.subscribe(() => undefined), auth.subscribe(() => undefined)];
    for (const end of ends) end();
    await auth.authorization("/data");
    n += 8;
    if (n % 1_000 === 0) {
      await auth.refresh();
      await auth.fetch("/broken");
      const controller = new AbortController();
      const aborted = auth.token({ minValiditySeconds: 100_000, signal: controller.signal });
      controller.abort();
      await aborted.catch(() => undefined);
      await auth.refresh();
    }
  }
};

soak.start = async () => {
  soak.hallpass = await import("/hallpass/index.js");
  await soak.hallpass.load();
  soak.auth = soak.hallpass.createAuth({ refresh: "/token" });
  await soak.auth.ready;
  await soak.auth.accept({ accessToken: token(), refreshToken: "r".repeat(40), expiresIn: 3_600 });
};
