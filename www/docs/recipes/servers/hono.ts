import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { Unauthorized, type JwtClaims } from "hallpass/server";
import { verify } from "./verify";

/** Lets requests with a good token pass; `context.get("claims")` says whose it is. */
export const protect = createMiddleware<{ Variables: { claims: JwtClaims } }>(async (context, next) => {
  try {
    context.set("claims", (await verify(context.req.raw)).claims);
  } catch (error) {
    if (error instanceof Unauthorized) return error.response;
    throw error;
  }
  return next();
});

export const app = new Hono();
app.get("/me", protect, (context) => context.json({ hello: context.get("claims").sub }));
