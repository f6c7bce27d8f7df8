// Stand-in for Rails with devise-jwt: the token in the `Authorization` header of the answer to a sign-in ("Usage" of
// devise-jwt's README), a revocation strategy that forgets it at sign-out, devise's own JSON errors (`devise.en.yml`).

import { randomBytes, randomUUID } from "node:crypto";
import cors from "cors";
import express from "express";
import jwt from "jsonwebtoken";

const { PORT, APP_ORIGIN, ACCESS_SECONDS } = process.env;
const secret = randomBytes(32).toString("hex");
const user = { id: 1, email: "ada@example.com", password: "correct horse" };
const denylist = new Set();

function authenticate(request, response, next) {
  try {
    request.claims = jwt.verify((request.headers.authorization ?? "").replace("Bearer ", ""), secret);
    if (!denylist.has(request.claims.jti)) return next();
  } catch {
    // Refused below.
  }
  response.status(401).json({ error: "You need to sign in or sign up before continuing." });
}

const app = express();
app.use(cors({ origin: APP_ORIGIN, exposedHeaders: ["Authorization"] }), express.json());

app.post("/users/sign_in", ({ body }, response) => {
  if (body.user?.email !== user.email || body.user.password !== user.password) {
    return response.status(401).json({ error: "Invalid Email or password." });
  }
  const token = jwt.sign({ sub: String(user.id), scp: "user", jti: randomUUID() }, secret, { expiresIn: Number(ACCESS_SECONDS) });
  response.set("Authorization", `Bearer ${token}`).status(201).json({ id: user.id, email: user.email });
});
app.delete("/users/sign_out", authenticate, ({ claims }, response) => {
  denylist.add(claims.jti);
  response.sendStatus(204);
});
app.get("/profile", authenticate, (_request, response) => response.json({ email: user.email }));

app.listen(Number(PORT), "127.0.0.1");
