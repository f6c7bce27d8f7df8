// Express with a bare token in `x-access-token`, as the "JWT authentication in Node.js" tutorials have it: 403 without a token,
// 401 for one that is no good. The refresh token stays the same until it ends; its own end is a 403.

import { randomUUID } from "node:crypto";
import cors from "cors";
import express from "express";
import jwt from "jsonwebtoken";

const { PORT, APP_ORIGIN, ACCESS_SECONDS } = process.env;
const secret = randomUUID();
const user = { id: 1, username: "ada", email: "ada@example.com", password: "correct horse" };
const refreshTokens = new Map();

const accessTokenOf = ({ id }) => jwt.sign({ id }, secret, { expiresIn: Number(ACCESS_SECONDS) });

function verifyToken(request, response, next) {
  const token = request.headers["x-access-token"];
  if (!token) return response.status(403).send({ message: "No token provided!" });
  jwt.verify(token, secret, (error, decoded) => {
    if (error instanceof jwt.TokenExpiredError) return response.status(401).send({ message: "Unauthorized! Access Token was expired!" });
    if (error) return response.status(401).send({ message: "Unauthorized!" });
    request.userId = decoded.id;
    next();
  });
}

const app = express();
// #region cors
app.use(cors({ origin: APP_ORIGIN, allowedHeaders: ["x-access-token", "Content-Type"] }));
// #endregion cors
app.use(express.json());

app.post("/api/auth/signin", ({ body }, response) => {
  if (body.username !== user.username) return response.status(404).send({ message: "User Not found." });
  if (body.password !== user.password) return response.status(401).send({ accessToken: null, message: "Invalid Password!" });
  const refreshToken = randomUUID();
  refreshTokens.set(refreshToken, user);
  const { id, username, email } = user;
  response.send({ id, username, email, roles: ["ROLE_USER"], accessToken: accessTokenOf(user), refreshToken });
});
app.post("/api/auth/refreshtoken", ({ body }, response) => {
  const { refreshToken } = body;
  if (!refreshToken) return response.status(403).json({ message: "Refresh Token is required!" });
  const holder = refreshTokens.get(refreshToken);
  if (!holder) return response.status(403).json({ message: "Refresh token is not in database!" });
  response.json({ accessToken: accessTokenOf(holder), refreshToken });
});
app.get("/api/test/user", verifyToken, (_request, response) => response.send({ content: "User Content.", username: user.username }));

app.listen(Number(PORT), "127.0.0.1");
