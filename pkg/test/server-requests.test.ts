import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, mock, test } from "node:test";
import { base64url, importJWK, type JWK } from "jose";
import { createVerifier, Unauthorized, type CryptoKey, type JSONWebKeySet, type RequestHead, type UnauthorizedCode, type Verified, type VerifierOptions } from "../src/server/index.js";
import { WORDS } from "../src/server/words.js";

/*
 * Good and hostile requests, and what becomes of them. The crate for axum is judged by the same table
 * (www/axum/tests/requests.rs). `node scripts/server-requests.mjs` writes it.
 */

interface Table {
  readonly now: number;
  readonly issuer: string;
  readonly audience: string;
  readonly verifiers: Readonly<Record<string, VerifierOfTable>>;
  readonly requests: readonly Row[];
  /** By file and test. */
  readonly wycheproof: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface VerifierOfTable extends Omit<Partial<VerifierOptions>, "keys" | "dpop"> {
  readonly keys?: JSONWebKeySet;
  readonly single?: JWK;
  readonly secret?: string;
  readonly dpop?: { readonly origin: string; readonly nonce?: string };
}

interface Row {
  readonly what: string;
  readonly verifier: string;
  /** `null`: it passes. */
  readonly code: UnauthorizedCode | null;
  readonly method: string;
  readonly path: string;
  readonly headers: [string, string][];
}

const table = JSON.parse(readFileSync("../tests/vectors/server-requests.json", "utf8")) as Table;

afterEach(() => {
  mock.timers.reset();
});

async function verifierOf({ single, secret, dpop, keys, ...options }: VerifierOfTable): Promise<(request: RequestHead) => Promise<Verified>> {
  const { nonce, ...check } = dpop ?? {};
  const { issuer, audience } = table;
  const source = secret === undefined ? (keys ?? ((await importJWK(single ?? {}, options.algorithms?.[0])) as CryptoKey)) : base64url.decode(secret);
  return createVerifier({ issuer, audience, keys: source, ...options, ...(dpop && { dpop: { ...check, ...(nonce !== undefined && { nonce: () => nonce }) } }) });
}

/** What the page's half reads of the refusal. */
function challengeOf(code: UnauthorizedCode, { dpop, header }: VerifierOfTable): string | null {
  if (code === "keys_unavailable") return null;
  const { error, description } = WORDS[code];
  const told = error === undefined ? "" : `, error="${error}", error_description="${description}"`;
  const algs = dpop ? ', algs="RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519"' : "";
  const own = header?.scheme === "" ? undefined : header?.scheme;
  return `${dpop ? "DPoP" : (own ?? "Bearer")} realm="hallpass"${told}${algs}`;
}

test("SEC-39, SEC-40: good and hostile requests, and the verdicts of the table that the crate for axum is judged by, too", async () => {
  mock.timers.enable({ apis: ["Date"], now: table.now * 1000 });
  const verifiers = new Map(await Promise.all(Object.entries(table.verifiers).map(async ([name, options]) => [name, await verifierOf(options)] as const)));
  const codes = new Set<unknown>();
  for (const { what, verifier, code, method, path, headers } of table.requests) {
    const place = `${verifier}: ${what}`;
    // Not a `Request`, which takes a path like "//host" for a host.
    const request = { url: `${table.audience}${path}`, method, headers: new Headers(headers) };
    const verdict = await verifiers.get(verifier)?.(request).then(
      () => null,
      (reason: unknown) => reason,
    );
    assert.ok(verdict === null || verdict instanceof Unauthorized, `${place}: ${String(verdict)}`);
    assert.equal(verdict?.code ?? null, code, place);
    codes.add(code);
    if (verdict === null || code === null) continue;
    const options = table.verifiers[verifier] ?? {};
    assert.equal(verdict.response.headers.get("WWW-Authenticate"), challengeOf(code, options), place);
    assert.equal(verdict.response.headers.get("DPoP-Nonce"), options.dpop?.nonce ?? null, place);
  }
  assert.deepEqual([...Object.keys(WORDS), null].filter((code) => !codes.has(code)), [], "each code has a request");
});

interface Group {
  readonly public?: JWK & { keys?: JWK[] };
  readonly private: JWK & { keys?: JWK[] };
  readonly tests: readonly { readonly tcId: number; readonly jws?: string }[];
}

/** server-wycheproof.test.ts compares with jose. */
test("Wycheproof's signatures: the verdicts of the table, none of which accepts one", async () => {
  for (const [file, verdicts] of Object.entries(table.wycheproof)) {
    const { testGroups } = JSON.parse(readFileSync(`../tests/vectors/${file}`, "utf8")) as { testGroups: Group[] };
    for (const { tests, ...group } of testGroups) {
      const key = group.public ?? group.private;
      const options = key.kty === "oct" ? { keys: base64url.decode(key.k ?? ""), algorithms: ["HS256"] } : { keys: { keys: key.keys ?? [key] }, algorithms: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"] };
      for (const { tcId, jws } of tests) {
        if (jws === undefined) continue;
        const judged = async (): Promise<Verified> => createVerifier({ issuer: table.issuer, audience: table.audience, ...options })({ url: table.audience, method: "GET", headers: new Headers({ Authorization: `Bearer ${jws}` }) });
        const code = await judged().then(
          () => "accepted",
          (error: unknown) => (error as { code: string }).code,
        );
        assert.equal(code, verdicts[tcId], `${file} ${String(tcId)}`);
      }
    }
  }
});
