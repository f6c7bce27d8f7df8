import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { publicTypes } from "./support/types.js";

const root = join(import.meta.dirname, "..");
const types = publicTypes(root);
const read = (path) => readFileSync(join(root, path), "utf8");
const errors = read("pages/reference/errors.md");
const options = read("pages/reference/options.md");

/** The text of a page from the heading `title` to the next of the same level. */
function section(page, title) {
  const start = page.indexOf(`\n## ${title}\n`);
  assert.notEqual(start, -1, `no section "${title}"`);
  const end = page.indexOf("\n## ", start + 1);
  return page.slice(start, end === -1 ? undefined : end);
}

/** What stands as code in the first column of a table. */
function rows(text) {
  return [...text.matchAll(/^\| \[?`([^`]+)`/gm)].map(([, name]) => name);
}

const sorted = (names) => [...names].sort();

test("every error code has a row and an entry that says when and what to do", () => {
  const codes = sorted(types.literals("AuthErrorCode"));
  const text = section(errors, "Codes");
  const entries = text.split("\n### ").slice(1);
  assert.deepEqual(sorted(rows(text)), codes);
  assert.deepEqual(sorted(entries.map((entry) => /^`(\w+)`/.exec(entry)?.[1])), codes);
  for (const entry of entries) assert.match(entry, /- \*\*When:\*\* \S.+\n- \*\*Do:\*\* \S/, entry);
});

test("the table says of each code whether it is retryable, as the core does", () => {
  const body = /fn retryable\(&self\) -> bool \{(.*?)\n {4}\}/s.exec(readFileSync(join(root, "../../src/error.rs"), "utf8"))?.[1];
  assert.ok(body, "src/error.rs: where does it say what is retryable?");
  const kinds = [...body.matchAll(/ErrorKind::(\w+)/g)].map(([, kind]) => kind);
  const codes = kinds.map((kind) => kind.replaceAll(/(?<!^)[A-Z]/g, "_$&").toLowerCase());
  const said = [...section(errors, "Codes").matchAll(/^\| \[`(\w+)`\]\(\S+\) \| .+ \| yes \|$/gm)].map(([, code]) => code);
  assert.deepEqual(sorted(said), sorted(codes));
});

test("every sign-out reason has a row", () => {
  assert.deepEqual(sorted(rows(section(errors, "Reasons"))), sorted(types.literals("SignOutReason")));
});

test("every change has a row", () => {
  assert.deepEqual(sorted(rows(section(errors, "Changes"))), sorted(types.tags("Change", "type")));
});

test("every option has a row and a section", () => {
  const names = sorted(types.fields("AuthOptions"));
  assert.deepEqual(sorted(rows(options.slice(0, options.indexOf("\n## ")))), names);
  for (const name of names) section(options, name);
});

for (const [title, type] of [
  ["Endpoint", "Endpoint"],
  ["refresh", "RefreshEndpoint"],
  ["redirect", "RedirectOptions"],
  ["fingerprint", "FingerprintOptions"],
  ["schedule", "ScheduleOptions"],
  ["limits", "LimitOptions"],
]) {
  test(`every field of ${type} has a row under "${title}"`, () => {
    assert.deepEqual(sorted(rows(section(options, title))), sorted(types.fields(type)));
  });
}

test("every option and code of the server's half has a row", () => {
  const [page, server] = [read("pages/guide/protect.md"), publicTypes(root, "server")];
  assert.deepEqual(sorted(rows(section(page, "Options"))), sorted(server.fields("VerifierOptions")));
  const codes = [...section(page, "Refusals").matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => code));
  assert.deepEqual(sorted(codes.filter((code) => code !== "code")), sorted(server.literals("UnauthorizedCode")));
});

test("every option of oidc() has a row", () => {
  const text = section(options, "provider");
  assert.deepEqual(sorted(rows(text)), sorted(publicTypes(root, "oidc").fields("OidcOptions")));
});

test("what methods take is listed", () => {
  const text = section(options, "What methods take");
  for (const type of ["TokenOptions", "RedirectRequest", "PopupRequest", "TokenSet"]) {
    for (const field of types.fields(type)) assert.ok(text.includes(`\`${field}\``), `${type}.${field}`);
  }
});

test("every entry of the package is in the table of the API", () => {
  const entries = JSON.parse(read("generated/entries.json"));
  const api = read("pages/api/index.md");
  assert.deepEqual(sorted(rows(api)), sorted(entries));
  for (const entry of entries) assert.ok(api.includes(`](./${entry})`), entry);
});
