/*
 * node serve.js <express | fastify | hono | next>: an API that the documentation's recipe for this framework protects,
 * over https. The recipe is run as it stands there, but for its provider and what tokens are bound to, which ISSUER,
 * AUDIENCE and KEYS say. With Next.js it stands in an application of its own, which Next.js itself serves.
 */
import { once } from "node:events";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import https from "node:https";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, transform } from "esbuild";

const { ISSUER, AUDIENCE, KEYS, APP_ORIGIN, PACKAGE, PORT, TLS_KEY, TLS_CERT } = process.env;
const [name] = process.argv.slice(2);
const RECIPES = fileURLToPath(new URL("../../../www/docs/recipes/servers/", import.meta.url));
// Beside node_modules, so that the recipe finds its framework.
const COMPILED = fileURLToPath(new URL("../node_modules/.compiled/", import.meta.url));

/** What stands in the recipes for what only the test knows. */
const REPLACED = [
  ['"https://id.example.com/.well-known/jwks.json"', `${JSON.stringify(KEYS)}, fingerprint: true, dpop: { nonce: () => "api-nonce" }`],
  ['"https://id.example.com"', JSON.stringify(ISSUER)],
  ['"https://api.example.com"', JSON.stringify(AUDIENCE)],
];
const replaced = (text) => REPLACED.reduce((all, [from, to]) => all.replaceAll(from, to), text);

const LISTENERS = {
  express: async () => (await recipe("express")).app,
  fastify: async () => {
    const { app } = await recipe("fastify");
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  hono: async () => {
    const { getRequestListener } = await import("@hono/node-server");
    const { app } = await recipe("hono");
    return getRequestListener(app.fetch);
  },
  next: async () => {
    const dir = await nextApp();
    const { default: next } = await import("next");
    const app = next({ dev: true, dir, hostname: "localhost", port: Number(PORT) });
    await app.prepare();
    return app.getRequestHandler();
  },
};

const listener = await LISTENERS[name]();
const server = https.createServer({ key: TLS_KEY, cert: TLS_CERT }, (request, response) => {
  if (!allow(request, response)) listener(request, response);
});
server.listen(Number(PORT), "localhost");
await once(server, "listening");
console.log("ready");

/** CORS, as a gateway in front of the API has it. Whether that was all that the browser wanted to know. */
function allow({ method }, response) {
  response.setHeader("Access-Control-Allow-Origin", APP_ORIGIN);
  response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader("Access-Control-Allow-Headers", "Authorization, DPoP");
  response.setHeader("Access-Control-Expose-Headers", "DPoP-Nonce, WWW-Authenticate");
  if (method !== "OPTIONS") return false;
  response.writeHead(204).end();
  return true;
}

/** What a recipe exports. */
async function recipe(name) {
  const { outputFiles } = await build({
    entryPoints: [join(RECIPES, `${name}.ts`)],
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    alias: { "hallpass/server": join(PACKAGE, "dist/server.js") },
    tsconfigRaw: "{}",
    write: false,
  });
  await mkdir(COMPILED, { recursive: true });
  const file = join(COMPILED, `protected-${name}-${process.pid}.mjs`);
  await writeFile(file, replaced(outputFiles[0].text));
  return import(pathToFileURL(file).href);
}

/** An application of Next.js, with the recipes for its middleware and its routes. */
async function nextApp() {
  const dir = fileURLToPath(new URL("../next-app/", import.meta.url));
  const write = async (path, text) => {
    await mkdir(join(dir, path, ".."), { recursive: true });
    await writeFile(join(dir, path), text);
  };
  // In JavaScript: Next.js would install a compiler for TypeScript.
  const source = async (name) => replaced((await transform(await readFile(join(RECIPES, `${name}.ts`)), { loader: "ts" })).code);
  await rm(dir, { recursive: true, force: true });
  await write("verify.js", await source("verify"));
  // As its comment says of Next.js 16.
  await write("proxy.js", (await source("next-middleware")).replace("function middleware", "function proxy"));
  await write("app/api/me/route.js", (await source("fetch")).replace('"./verify"', '"../../../verify"'));
  await cp(PACKAGE, join(dir, "node_modules/hallpass"), { recursive: true });
  return dir;
}
