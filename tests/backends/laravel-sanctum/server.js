// Stand-in for Laravel with Sanctum: a sign-in among the routes of the "web" group, which the CSRF check guards (419 where the
// header is missing), that answers with a token of `createToken` (`id|random`, opaque, no end of its own); the API with
// `auth:sanctum`. `/sanctum/csrf-cookie` and the cookie's name, encoding and domain as the chapters "Sanctum: SPA
// Authentication" and "CSRF Protection" of Laravel's documentation have them. A token without its id is found as well
// (`PersonalAccessToken::findToken`).

import { createHash, randomBytes } from "node:crypto";
import cookieParser from "cookie-parser";
import cors from "cors";
import express from "express";

const { PORT, APP_ORIGIN } = process.env;
const user = { id: 1, name: "ada", email: "ada@example.com", password: "correct horse" };
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
/** Hashes of tokens that are good. */
const tokens = new Set();
/** CSRF tokens by the session's cookie. */
const sessions = new Map();

function web(request, response, next) {
  const expected = sessions.get(request.cookies.laravel_session);
  if (expected !== undefined && request.headers["x-xsrf-token"] === expected) next();
  else response.status(419).json({ message: "CSRF token mismatch." });
}

function auth(request, response, next) {
  const bearer = (request.headers.authorization ?? "").replace("Bearer ", "");
  request.token = sha256(bearer.slice(bearer.indexOf("|") + 1));
  if (tokens.has(request.token)) next();
  else if (/[/+]json/.test(request.headers.accept)) response.status(401).json({ message: "Unauthenticated." });
  else response.redirect("/login");
}

const app = express();
app.use(cors({ origin: APP_ORIGIN, credentials: true }), cookieParser(), express.json());

app.get("/sanctum/csrf-cookie", (_request, response) => {
  const [session, csrf] = [randomBytes(20).toString("hex"), `${randomBytes(60).toString("base64")}==`];
  sessions.set(session, csrf);
  const cookie = { domain: "example.com", secure: true, sameSite: "lax" };
  response.cookie("XSRF-TOKEN", csrf, cookie).cookie("laravel_session", session, { ...cookie, httpOnly: true }).sendStatus(204);
});
app.post("/login", web, ({ body }, response) => {
  if (body.email !== user.email || body.password !== user.password) {
    return response.status(422).json({ message: "The provided credentials are incorrect.", errors: { email: ["The provided credentials are incorrect."] } });
  }
  const token = randomBytes(30).toString("hex");
  tokens.add(sha256(token));
  response.json({ token: `1|${token}` });
});
app.post("/logout", web, auth, ({ token }, response) => {
  tokens.delete(token);
  response.sendStatus(204);
});
app.get("/api/user", auth, (_request, response) => response.json({ id: user.id, name: user.name, email: user.email }));

app.listen(Number(PORT), "127.0.0.1");
