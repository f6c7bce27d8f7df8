import Fastify from "fastify";
import { Unauthorized, type JwtClaims } from "hallpass/server";
import { verify } from "./verify";

declare module "fastify" {
  interface FastifyRequest {
    claims: JwtClaims;
  }
}

export const app = Fastify();
app.decorateRequest("claims");
app.addHook("onRequest", async (request, reply) => {
  try {
    const url = `${request.protocol}://${request.host}${request.originalUrl}`;
    const headers = new Headers(request.headers as Record<string, string>);
    request.claims = (await verify({ method: request.method, url, headers })).claims;
  } catch (error) {
    if (!(error instanceof Unauthorized)) throw error;
    return reply.send(error.response);
  }
});
app.get("/me", ({ claims }) => ({ hello: claims.sub }));
