import express, { type RequestHandler } from "express";
import { Unauthorized } from "hallpass/server";
import { verify } from "./verify";

/** Lets requests with a good token pass; `response.locals.claims` says whose it is. */
export const protect: RequestHandler = async (request, response, next) => {
  try {
    const url = `${request.protocol}://${request.host}${request.originalUrl}`;
    const headers = new Headers(request.headers as Record<string, string>);
    response.locals.claims = (await verify({ method: request.method, url, headers })).claims;
  } catch (error) {
    if (!(error instanceof Unauthorized)) throw error;
    response.status(error.response.status).set(Object.fromEntries(error.response.headers));
    response.send(await error.response.text());
    return;
  }
  next();
};

export const app = express();
app.get("/me", protect, (_request, response) => {
  response.json({ hello: response.locals.claims.sub });
});
