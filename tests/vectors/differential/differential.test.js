/** The package's `decodeToken` beside `jose` and `jwt-decode`, on tokens of every kind. */

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { decodeJwt, decodeProtectedHeader } from "jose";
import { jwtDecode } from "jwt-decode";

import { AuthError, decodeToken, load } from "../../../pkg/dist/index.js";
import { DIFFERENCES, reasons } from "./differences.js";
import { dice, token } from "./tokens.js";

const TOKENS = 10_000;

before(load);

/** Claims as text: prototypes do not count, the order of members does. */
const text = (value) => JSON.stringify(value);

function verdict(read) {
  try {
    return text(read());
  } catch {
    return null;
  }
}

function ours(candidate) {
  try {
    const { header, claims } = decodeToken(candidate);
    return { header: text(header), claims: text(claims) };
  } catch (error) {
    assert.ok(error instanceof AuthError, `not an AuthError for ${candidate}`);
    assert.equal(error.code, "malformed_token", candidate);
    return null;
  }
}

/** Whether `read` is a way to get the same, or refuses for a reason that the table knows. */
function sameOrKnown(candidate, mine, theirs, used) {
  if (mine !== null) {
    assert.equal(mine, theirs, `read differently: ${candidate}`);
    return;
  }
  if (theirs === null) return;
  const known = reasons(candidate);
  assert.notDeepEqual(known, [], `refused, and nobody knows why: ${candidate}`);
  if (known.length === 1) used.add(known[0]);
}

test("10,000 tokens are read as jose and jwt-decode read them, or refused for a known reason", () => {
  const random = dice(20_261_121);
  const used = new Set();
  let accepted = 0;
  for (let count = 0; count < TOKENS; count += 1) {
    const candidate = token(random);
    const mine = ours(candidate);
    if (mine !== null) accepted += 1;
    sameOrKnown(candidate, mine?.claims ?? null, verdict(() => decodeJwt(candidate)), used);
    sameOrKnown(candidate, mine?.claims ?? null, verdict(() => jwtDecode(candidate)), used);
    sameOrKnown(candidate, mine?.header ?? null, verdict(() => decodeProtectedHeader(candidate)), used);
  }
  assert.ok(accepted > TOKENS / 4, `only ${accepted} were accepted`);
  assert.ok(accepted < (TOKENS * 3) / 4, `${accepted} were accepted`);
  // A row that nothing needs is a row that nothing checks.
  assert.deepEqual([...used].sort(), Object.keys(DIFFERENCES).sort());
});

test("what this package accepts is never refused by the others", () => {
  const random = dice(7);
  for (let count = 0; count < TOKENS; count += 1) {
    const candidate = token(random);
    if (ours(candidate) === null) continue;
    assert.doesNotThrow(() => decodeJwt(candidate), candidate);
    assert.doesNotThrow(() => decodeProtectedHeader(candidate), candidate);
    assert.doesNotThrow(() => jwtDecode(candidate), candidate);
  }
});

test("SEC-36: what is longer than 16 KiB is refused unread", () => {
  const long = `e30.${Buffer.from(JSON.stringify({ a: "x".repeat(16_384) })).toString("base64url")}.`;
  assert.doesNotThrow(() => decodeJwt(`eyJhbGciOiJub25lIn0${long.slice(3)}`));
  assert.throws(() => decodeToken(long), { code: "token_too_large" });
});

test("SEC-35: a claim named like a method is data", () => {
  const payload = '{"__proto__":{"admin":true},"toString":1,"hasOwnProperty":2}';
  const { claims } = decodeToken(`e30.${Buffer.from(payload).toString("base64url")}.`);
  assert.equal(Object.getPrototypeOf(claims), null);
  assert.equal(claims.admin, undefined);
  assert.deepEqual(Object.keys(claims), ["__proto__", "toString", "hasOwnProperty"]);
});
