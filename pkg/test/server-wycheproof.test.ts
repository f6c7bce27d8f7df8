import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { base64url, compactVerify, createLocalJWKSet, SignJWT, type JWK } from "jose";
import type { UnauthorizedCode } from "../src/server/index.js";
import { isCompact } from "../src/server/compact.js";
import { goodClaims, passes, refusalOf, refused, request, verifierOf } from "./server-world.js";

/*
 * Wycheproof's signatures (tests/vectors). No payload of theirs is a JSON object, so none is a token: what is compared is
 * how far each gets. A signature that is right ends as `malformed_token`, for the payload; a wrong one never gets there.
 */

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly jws?: string;
  readonly result: "valid" | "invalid";
}

interface Group {
  readonly comment: string;
  readonly public?: JWK & { keys?: JWK[] };
  readonly private: JWK & { keys?: JWK[] };
  readonly tests: readonly Vector[];
}

const groupsOf = (name: string): readonly Group[] => (JSON.parse(readFileSync(`../tests/vectors/${name}`, "utf8")) as { testGroups: Group[] }).testGroups;

for (const file of ["wycheproof-json_web_signature_test.json", "wycheproof-json_web_crypto_test.json"]) {
  test(`${file}: the verdicts of Wycheproof and jose, and none accepted`, async () => {
    let [right, wrong] = [0, 0];
    for (const group of groupsOf(file)) {
      const key = group.public ?? group.private;
      for (const { jws, result, tcId, comment } of group.tests) {
        if (jws === undefined) continue;
        const what = `${String(tcId)} ${group.comment}: ${comment}`;
        const source = sourceOf(key);
        if (source === undefined) continue;
        const jose = await compactVerify(jws, source.jose, { algorithms: [...source.algorithms] }).then(
          () => true,
          () => false,
        );
        const { code } = await refusalOf(verifierOf(source.keys, { algorithms: source.algorithms })(request(jws)), [jws]);
        const allowed: readonly UnauthorizedCode[] = jose ? ["malformed_token"] : ["malformed_token", "algorithm_refused", "unknown_key", "signature_invalid", "keys_unavailable", "token_missing"];
        assert.ok(allowed.includes(code), `${what}: ${code}`);
        // The signature is checked before the payload is read, so these say that it was not right.
        // Two of the invalid ones are a valid one, letter for letter.
        const isWrong = result === "invalid" && !group.tests.some((other) => other.result === "valid" && other.jws === jws);
        if (isWrong && jose) assert.ok(!isCompact(jws) || comment === ROCA, `${what}: jose takes it, and so do we`);
        if (result === "valid" && !jose) assert.ok(STRICTER.has(comment), `${what}: jose refuses it: ${code}`);
        if (jose) right++;
        else wrong++;
      }
    }
    assert.ok(right >= 4 && wrong > 40, `${String(right)} right, ${String(wrong)} wrong`);
  });
}

/** A key that its making has weakened. Keys are the provider's, and not judged here. */
const ROCA = "rejectsKeyWithRocaVulnerability";

/** Where jose refuses what Wycheproof lets pass: keys that name another algorithm than the token, or none that exists; base64 with other characters. */
const STRICTER: ReadonlySet<string> = new Set(["Figure20", "Figure27", "InvalidCharacterInsertedInHeader", "InvalidCharacterInsertedInPayload"]);

interface Source {
  readonly keys: { keys: JWK[] } | Uint8Array;
  readonly jose: Parameters<typeof compactVerify>[1];
  readonly algorithms: readonly string[];
}

const ASYMMETRIC = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

/** As an application would give this key; `undefined` where that is refused at once, for a secret among public keys. */
function sourceOf(key: JWK & { keys?: JWK[] }): Source | undefined {
  if (key.kty === "oct") {
    const secret = base64url.decode(key.k ?? "");
    return { keys: secret, jose: secret, algorithms: ["HS256"] };
  }
  const set = { keys: key.keys ?? [key] };
  if (set.keys.some(({ kty }) => kty === "oct")) {
    assert.throws(() => verifierOf(set), { code: "invalid_option", message: /must be a public key/ });
    return undefined;
  }
  const find = createLocalJWKSet(set);
  return { keys: set, jose: (header, token) => find(header, token), algorithms: ASYMMETRIC };
}

test("their keys sign tokens of ours, and each passes with its own key only", async () => {
  const groups = groupsOf("wycheproof-json_web_signature_test.json").filter((group) => group.public?.key_ops === undefined && group.private?.alg === group.public?.alg && /^(?:RS|PS|ES)(?:256|384|512)$/.test(group.private?.alg ?? ""));
  const tokens = await Promise.all(
    groups.map(async (group) => ({ group, token: await new SignJWT(goodClaims()).setProtectedHeader({ alg: group.private.alg ?? "", kid: group.private.kid ?? "" }).sign(group.private) })),
  );
  assert.ok(tokens.length >= 5, String(tokens.length));
  for (const { group, token } of tokens) {
    const verify = verifierOf({ keys: [group.public ?? {}] });
    await passes(verify(request(token)));
    for (const other of tokens) {
      if (other.group.public?.n !== group.public?.n || other.group.public?.x !== group.public?.x) {
        await refused(verify(request(other.token)), ["unknown_key", "signature_invalid"], `${group.comment} ${other.group.comment}`);
      }
    }
  }
});
