// Fastify with @fastify/jwt and @fastify/cookie, as the README of @fastify/jwt has it under "cookie": the access token in the
// answer, the refresh token in an HttpOnly cookie that `onlyCookie` reads.

import { randomBytes } from "node:crypto";
import cookie from "@fastify/cookie";
import cors from "@fastify/cors";
import jwt from "@fastify/jwt";
import Fastify from "fastify";

const { PORT, APP_ORIGIN, ACCESS_SECONDS } = process.env;
const user = { username: "ada", password: "correct horse" };
const fastify = Fastify();

// #region plugins
await fastify.register(cors, { origin: APP_ORIGIN, credentials: true });
await fastify.register(cookie);
await fastify.register(jwt, {
  secret: randomBytes(32).toString("hex"),
  cookie: { cookieName: "refreshToken", signed: false },
  sign: { expiresIn: `${ACCESS_SECONDS}s` },
});

/** Sent to /auth only, and from pages of this site only. */
const COOKIE = { path: "/auth", secure: true, httpOnly: true, sameSite: "strict" };
// #endregion plugins

async function issue(reply, username) {
  const token = await reply.jwtSign({ username });
  const refreshToken = await reply.jwtSign({ username, use: "refresh" }, { expiresIn: "30d" });
  return reply.setCookie("refreshToken", refreshToken, COOKIE).send({ token });
}

fastify.post("/auth/login", async (request, reply) => {
  const { username, password } = request.body;
  if (username !== user.username || password !== user.password) return reply.code(401).send({ message: "Wrong name or password." });
  return issue(reply, username);
});
fastify.post("/auth/refresh", async (request, reply) => {
  const { username, use } = await request.jwtVerify({ onlyCookie: true });
  if (use !== "refresh") return reply.code(401).send();
  return issue(reply, username);
});
fastify.post("/auth/logout", async (_request, reply) => reply.clearCookie("refreshToken", COOKIE).code(204).send());
fastify.get("/profile", async (request, reply) => {
  const { username, use } = await request.jwtVerify();
  return use === "refresh" ? reply.code(401).send() : { username };
});

await fastify.listen({ port: Number(PORT), host: "127.0.0.1" });
