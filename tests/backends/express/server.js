// Express with passport-jwt, as passport-jwt's README has it: the strategy reads the bearer token, `authenticate` guards a route.
// Refresh tokens are the server's own: random, used once.

import { randomBytes } from "node:crypto";
import cors from "cors";
import express from "express";
import jwt from "jsonwebtoken";
import passport from "passport";
import { ExtractJwt, Strategy } from "passport-jwt";

const { PORT, APP_ORIGIN, ACCESS_SECONDS } = process.env;
const secretOrKey = randomBytes(32).toString("hex");
const users = [{ id: 1, username: "ada", password: "correct horse" }];

passport.use(
  new Strategy({ jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey }, (payload, done) => {
    done(null, users.find(({ id }) => id === payload.sub) ?? false);
  }),
);

// #region rotation
/** Who holds which refresh token. In a database: its hash, and the family it belongs to. */
const holders = new Map();

function issue(user) {
  const refreshToken = randomBytes(32).toString("base64url");
  holders.set(refreshToken, user);
  const accessToken = jwt.sign({ sub: user.id, name: user.username }, secretOrKey, { expiresIn: Number(ACCESS_SECONDS) });
  return { accessToken, refreshToken };
}

/** A refresh token is good once. */
function spend(refreshToken) {
  const user = holders.get(refreshToken);
  holders.delete(refreshToken);
  return user;
}
// #endregion rotation

const app = express();
app.use(cors({ origin: APP_ORIGIN }), express.json());

app.post("/auth/login", ({ body }, response) => {
  const user = users.find(({ username, password }) => username === body.username && password === body.password);
  if (user) response.json(issue(user));
  else response.status(401).json({ message: "Wrong name or password." });
});
app.post("/auth/refresh", ({ body }, response) => {
  const user = spend(body.refreshToken);
  if (user) response.json(issue(user));
  else response.status(401).json({ message: "Sign in again." });
});
app.post("/auth/logout", ({ body }, response) => {
  spend(body.refreshToken);
  response.sendStatus(204);
});
app.get("/profile", passport.authenticate("jwt", { session: false }), ({ user }, response) => {
  response.json({ id: user.id, username: user.username });
});

app.listen(Number(PORT), "127.0.0.1");
