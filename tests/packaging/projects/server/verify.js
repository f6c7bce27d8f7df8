// What `hallpass/server` needs of a runtime: keys over HTTP, signatures, hashes, random values. Node, Deno and Bun run it.
import { createFingerprint, createVerifier, Unauthorized } from "hallpass/server";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

const [issuer, url] = ["https://id.example.com", "https://api.example.com/me"];
const provider = await generateKeyPair("RS256");
const client = await generateKeyPair("ES256");
const jwk = await exportJWK(client.publicKey);

const jwks = createServer(async (_request, response) => response.end(JSON.stringify({ keys: [{ ...(await exportJWK(provider.publicKey)), alg: "RS256" }] })));
jwks.listen(0, "127.0.0.1");
await once(jwks, "listening");
const verify = createVerifier({ issuer, audience: url, keys: `http://127.0.0.1:${jwks.address().port}/`, fingerprint: true, dpop: true });

const { hash, setCookie } = await createFingerprint();
const claims = { userFingerprint: hash, cnf: { jkt: await calculateJwkThumbprint(jwk) } };
const token = await new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).setIssuer(issuer).setAudience(url).setSubject("ada").setExpirationTime("5m").sign(provider.privateKey);

async function request(headers = {}) {
  const ath = createHash("sha256").update(token).digest("base64url");
  const proof = new SignJWT({ jti: randomUUID(), htm: "GET", htu: url, ath }).setIssuedAt().setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk });
  return new Request(url, { headers: { Authorization: `DPoP ${token}`, DPoP: await proof.sign(client.privateKey), Cookie: setCookie.split(";")[0], ...headers } });
}
const refuses = async (headers) => {
  const error = await verify(await request(headers)).catch((reason) => reason);
  assert.ok(error instanceof Unauthorized);
  return error.response.status;
};

assert.equal((await verify(await request())).claims.sub, "ada");
assert.equal(await refuses({ Authorization: `DPoP ${token.slice(0, -4)}AAAA` }), 401);
assert.equal(await refuses({ Authorization: `Bearer ${token}` }), 401);
assert.equal(await refuses({ Cookie: "__Host-Fgp=another" }), 401);
jwks.close();
console.log("verified");
