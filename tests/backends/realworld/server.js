// The session's half of RealWorld ("Conduit"), on Express with express-jwt as the specification's own Node.js example has it.
// The scheme is `Token` and no other. There is no refresh. A token that is no good is a 401; with FORBIDDEN=1 a 403, as the
// example on Django REST framework says it.

import { randomBytes } from "node:crypto";
import cors from "cors";
import express from "express";
import { expressjwt } from "express-jwt";
import jwt from "jsonwebtoken";

const { PORT, APP_ORIGIN, ACCESS_SECONDS, FORBIDDEN } = process.env;
const secret = randomBytes(32).toString("hex");
const account = { id: 1, username: "ada", email: "ada@example.com", password: "correct horse", bio: null, image: null };

const userOf = ({ email, username, bio, image }, token) => ({ user: { email, token, username, bio, image } });
const tokenOf = ({ headers }) => /^Token (.+)$/.exec(headers.authorization ?? "")?.[1];
const required = expressjwt({ secret, algorithms: ["HS256"], getToken: tokenOf });

const app = express();
app.use(cors({ origin: APP_ORIGIN }), express.json());

app.post("/api/users/login", ({ body }, response) => {
  if (body.user?.email !== account.email || body.user.password !== account.password) {
    return response.status(422).json({ errors: { "email or password": ["is invalid"] } });
  }
  const { id, username } = account;
  response.json(userOf(account, jwt.sign({ id, username }, secret, { expiresIn: Number(ACCESS_SECONDS) })));
});
app.get("/api/user", required, (request, response) => response.json(userOf(account, tokenOf(request))));

app.use((error, _request, response, _next) => {
  const status = error.name !== "UnauthorizedError" ? 500 : FORBIDDEN === "1" ? 403 : 401;
  response.status(status).json({ errors: { message: error.message } });
});
app.listen(Number(PORT), "127.0.0.1");
