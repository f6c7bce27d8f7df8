import assert from "node:assert/strict";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type * as ExpressRecipe from "./recipes/servers/express.js";
import type * as FastifyRecipe from "./recipes/servers/fastify.js";
import type * as FetchRecipe from "./recipes/servers/fetch.js";
import type * as HonoRecipe from "./recipes/servers/hono.js";
import type * as NextRecipe from "./recipes/servers/next-middleware.js";
import type * as Entry from "../src/server/index.js";
import { runRecipes, shipped } from "./recipe-world.js";
import { boundTo, createClient, createSigner, KeyServer, prove, sign } from "./server-world.js";

/* The recipes for servers: the frameworks themselves, over HTTP, with the package as it is shipped. */

const [signer, client] = [await createSigner("RS256"), await createClient()];
const provider = new KeyServer();
provider.keys = [signer.jwk];
const JWKS = '"https://id.example.com/.well-known/jwks.json"';

before(() => provider.open());
after(() => {
  provider.close();
});

/** A recipe, with the options that a test asks for beside those that stand there. */
const recipe = <T>(name: string, options: string): Promise<T> =>
  runRecipes<T>([`servers/${name}`], "https://api.example.com", { replaced: { [JWKS]: `${JSON.stringify(provider.url)}, ${options}` } });

interface Running {
  readonly origin: string;
  close(): void | Promise<unknown>;
}

function running(server: Server): Running {
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${String(port)}`, close: () => void server.close() };
}

const listening = (start: (ready: () => void) => Server): Promise<Server> =>
  new Promise((resolve) => {
    const server = start(() => {
      // Some call it before they give the server back.
      setImmediate(() => {
        resolve(server);
      });
    });
  });

const FRAMEWORKS: Readonly<Record<string, (options: string) => Promise<Running>>> = {
  Express: async (options) => {
    const { app } = await recipe<typeof ExpressRecipe>("express", options);
    return running(await listening((ready) => app.listen(0, ready)));
  },
  Fastify: async (options) => {
    const { app } = await recipe<typeof FastifyRecipe>("fastify", options);
    await app.listen({ port: 0 });
    return { ...running(app.server), close: () => app.close() };
  },
  Hono: async (options) => {
    const [{ app }, { serve }] = [await recipe<typeof HonoRecipe>("hono", options), await import("@hono/node-server")];
    return running(await listening((ready) => serve({ fetch: app.fetch, port: 0 }, ready) as Server));
  },
};

for (const [name, start] of Object.entries(FRAMEWORKS)) {
  test(`${name}: a bearer token, none, a bad one`, async () => {
    const server = await start("requiredClaims: []");
    try {
      const ask = (authorization?: string): Promise<Response> => fetch(`${server.origin}/me?x=1`, { headers: authorization === undefined ? {} : { authorization } });
      const good = await ask(`Bearer ${await sign(signer)}`);
      assert.deepEqual([good.status, await good.json()], [200, { hello: "ada" }]);

      const none = await ask();
      assert.deepEqual([none.status, none.headers.get("WWW-Authenticate")], [401, 'Bearer realm="hallpass"']);
      const expired = await ask(`Bearer ${await sign(signer, { exp: 1 })}`);
      assert.deepEqual([expired.status, expired.headers.get("WWW-Authenticate")], [401, 'Bearer realm="hallpass", error="invalid_token", error_description="The token expired."']);
      assert.match(expired.headers.get("Content-Type") ?? "", /^application\/json/);
      assert.deepEqual(await expired.json(), { error: "invalid_token", error_description: "The token expired." });
    } finally {
      await server.close();
    }
  });

  test(`${name}: with fingerprint and DPoP, a token is worth nothing without its cookie and its key`, async () => {
    const server = await start('fingerprint: true, dpop: { nonce: () => "now" }');
    const { createFingerprint } = await shipped<typeof Entry>("server");
    try {
      const { hash, setCookie } = await createFingerprint();
      const cookie = setCookie.split(";")[0] ?? "";
      const token = await sign(signer, { ...boundTo(client), userFingerprint: hash });
      const url = `${server.origin}/me`;
      const ask = async (headers: Record<string, string>, nonce?: string): Promise<[number, string | null, unknown]> => {
        const proof = await prove(client, token, { htu: url, nonce });
        const answer = await fetch(`${url}?x=1`, { headers: { authorization: `DPoP ${token}`, dpop: proof, ...headers } });
        return [answer.status, answer.headers.get("DPoP-Nonce"), ((await answer.json()) as { hello?: string; error?: string }).hello ?? answer.headers.get("WWW-Authenticate")?.split(", ")[1]];
      };
      assert.deepEqual(await ask({ cookie }), [401, "now", 'error="use_dpop_nonce"']);
      assert.deepEqual(await ask({ cookie }, "now"), [200, null, "ada"]);
      assert.deepEqual(await ask({}, "now"), [401, "now", 'error="invalid_token"']);
      assert.deepEqual(await ask({ cookie, authorization: `Bearer ${token}` }, "now"), [401, "now", 'error="invalid_token"']);
      assert.deepEqual(await ask({ cookie, dpop: await prove(client, token, { htu: `${server.origin}/other`, nonce: "now" }) }), [401, "now", 'error="invalid_dpop_proof"']);
    } finally {
      await server.close();
    }
  });
}

test("servers of Request and Response, as Next.js has them in its routes", async () => {
  const { GET } = await recipe<typeof FetchRecipe>("fetch", "requiredClaims: []");
  const request = (token: string): Request => new Request("https://api.example.com/me", { headers: { authorization: `Bearer ${token}` } });
  const good = await GET(request(await sign(signer)));
  assert.deepEqual([good.status, await good.json()], [200, { hello: "ada" }]);
  assert.equal((await GET(request("x"))).status, 401);
});

test("a middleware of Next.js lets good requests go on, and answers the others", async () => {
  const { middleware, config } = await recipe<typeof NextRecipe>("next-middleware", "requiredClaims: []");
  assert.equal(config.matcher, "/api/:path*");
  const request = (token: string): Request => new Request("https://api.example.com/api/me", { headers: { authorization: `Bearer ${token}` } });
  assert.equal(await middleware(request(await sign(signer))), undefined);
  const refused = await middleware(request(await sign(signer, { aud: "another" })));
  assert.equal(refused?.status, 401);
  assert.match(refused?.headers.get("WWW-Authenticate") ?? "", /^Bearer .*error="invalid_token"/);
});
