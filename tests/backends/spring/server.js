// Stand-in for Spring Security: the sample "JWT login" of spring-security-samples, whose `POST /token` takes HTTP Basic and
// answers with the token as text, and the answers of BearerTokenAuthenticationEntryPoint.

import { randomBytes } from "node:crypto";
import cors from "cors";
import express from "express";
import jwt from "jsonwebtoken";

const { PORT, APP_ORIGIN, ACCESS_SECONDS } = process.env;
const key = randomBytes(32).toString("hex");
const basic = `Basic ${Buffer.from("ada:correct horse").toString("base64")}`;

const app = express();
app.use(cors({ origin: APP_ORIGIN }));

app.post("/token", ({ headers }, response) => {
  if (headers.authorization !== basic) return response.set("WWW-Authenticate", 'Basic realm="Realm"').sendStatus(401);
  const token = jwt.sign({ iss: "self", sub: "ada", scope: "app" }, key, { expiresIn: Number(ACCESS_SECONDS) });
  response.type("text/plain").send(token);
});
app.get("/", ({ headers }, response) => {
  const token = /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1];
  if (token === undefined) return response.set("WWW-Authenticate", "Bearer").status(401).end();
  try {
    response.type("text/plain").send(`Hello, ${jwt.verify(token, key).sub}!`);
  } catch {
    const description = "An error occurred while attempting to decode the Jwt: Jwt expired";
    const challenge = `Bearer error="invalid_token", error_description="${description}", error_uri="https://tools.ietf.org/html/rfc6750#section-3.1"`;
    response.set("WWW-Authenticate", challenge).status(401).end();
  }
});

app.listen(Number(PORT), "127.0.0.1");
