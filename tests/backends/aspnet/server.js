// Stand-in for ASP.NET Core Identity's endpoints (`MapIdentityApi`): the answers of "How to use Identity to secure a Web API
// backend for SPAs". Tokens are opaque and not kept by the server; a refresh token is good until its end, or until the
// user's security stamp changes. There is no endpoint that ends bearer tokens.

import { randomBytes } from "node:crypto";
import cors from "cors";
import express from "express";

const { PORT, APP_ORIGIN, ACCESS_SECONDS } = process.env;
const user = { email: "ada@example.com", password: "correct horse" };
const ends = { access: new Map(), refresh: new Map() };

function issue(kind, seconds) {
  const token = `CfDJ8${randomBytes(120).toString("base64url")}`;
  ends[kind].set(token, Date.now() + seconds * 1000);
  return token;
}
const isGood = (kind, token) => Date.now() < (ends[kind].get(token) ?? 0);

function respond(response) {
  const expiresIn = Number(ACCESS_SECONDS);
  response.json({ tokenType: "Bearer", accessToken: issue("access", expiresIn), expiresIn, refreshToken: issue("refresh", 14 * 24 * 3600) });
}

const app = express();
app.use(cors({ origin: APP_ORIGIN }), express.json());

app.post("/login", ({ body }, response) => {
  if (body.email === user.email && body.password === user.password) return respond(response);
  const problem = { type: "https://tools.ietf.org/html/rfc9110#section-15.5.2", title: "Unauthorized", status: 401, detail: "Failed" };
  response.status(401).type("application/problem+json").send(JSON.stringify(problem));
});
app.post("/refresh", ({ body }, response) => {
  if (isGood("refresh", body.refreshToken)) respond(response);
  else response.status(401).end();
});
app.get("/manage/info", ({ headers }, response) => {
  if (isGood("access", headers.authorization?.replace("Bearer ", ""))) response.json({ email: user.email, isEmailConfirmed: true });
  else response.set("WWW-Authenticate", "Bearer").status(401).end();
});

app.listen(Number(PORT), "127.0.0.1");
