// Stand-in for Laravel with jwt-auth: the answers of jwt-auth's "Quick start" (AuthController, respondWithToken), of its refresh
// flow (an expired token may be exchanged within `refresh_ttl`; the old one goes onto the blacklist), and of Laravel's
// `auth:api` middleware, which sends whatever does not ask for JSON to the route "login".

import { randomBytes, randomUUID } from "node:crypto";
import cors from "cors";
import express from "express";
import jwt from "jsonwebtoken";

const { PORT, APP_ORIGIN, ACCESS_SECONDS } = process.env;
const JWT_SECRET = randomBytes(32).toString("hex");
const user = { id: 1, name: "ada", email: "ada@example.com", password: "correct horse" };
const blacklist = new Set();

function respondWithToken(response) {
  const access_token = jwt.sign({ sub: String(user.id), jti: randomUUID() }, JWT_SECRET, { expiresIn: Number(ACCESS_SECONDS) });
  response.json({ access_token, token_type: "bearer", expires_in: Number(ACCESS_SECONDS) });
}

/** The claims of the request's token, or `undefined` where it is none, expired or blacklisted. */
function claimsOf({ headers }, options) {
  try {
    const claims = jwt.verify((headers.authorization ?? "").replace("Bearer ", ""), JWT_SECRET, options);
    return blacklist.has(claims.jti) ? undefined : claims;
  } catch {
    return undefined;
  }
}

function auth(request, response, next) {
  request.claims = claimsOf(request);
  if (request.claims !== undefined) next();
  else if (/[/+]json/.test(request.headers.accept)) response.status(401).json({ message: "Unauthenticated." });
  else response.redirect("/login");
}

const app = express();
app.use(cors({ origin: APP_ORIGIN }), express.json());

app.post("/api/auth/login", ({ body }, response) => {
  if (body.email === user.email && body.password === user.password) respondWithToken(response);
  else response.status(401).json({ error: "Unauthorized" });
});
app.post("/api/auth/refresh", (request, response) => {
  const claims = claimsOf(request, { ignoreExpiration: true });
  if (claims === undefined) return response.status(401).json({ message: "The token has been blacklisted" });
  blacklist.add(claims.jti);
  respondWithToken(response);
});
app.post("/api/auth/logout", auth, ({ claims }, response) => {
  blacklist.add(claims.jti);
  response.json({ message: "Successfully logged out" });
});
app.get("/api/auth/me", auth, (_request, response) => response.json({ id: user.id, name: user.name, email: user.email }));

app.listen(Number(PORT), "127.0.0.1");
