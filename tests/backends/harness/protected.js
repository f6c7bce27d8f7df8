import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { certificate } from "../../e2e/harness/certificate.js";
import { packageDir } from "../../e2e/harness/package-dir.js";
import { freePort, stopProcess } from "../../e2e/harness/process.js";
import { until } from "../../e2e/harness/until.js";
import { conclude, table } from "./matrix.js";

/** APIs that `hallpass/server` protects, each by the documentation's recipe for its framework. */
export const PROTECTED = [
  { name: "Express", folder: "express", path: "/me" },
  { name: "Fastify", folder: "fastify", path: "/me" },
  { name: "Hono", folder: "hono", path: "/me" },
  { name: "Next.js", folder: "next", path: "/api/me" },
];

/** The documentation includes it. */
const TABLE = fileURLToPath(new URL("../protected.md", import.meta.url));
const COLUMNS = ["Sign-in and requests", "Refresh", "A token without its cookie", "without its key", "Sign-out"];
const seen = new Map();

/** Notes what was seen of a column. */
export function note({ name }, column, result) {
  assert.ok(COLUMNS.includes(column));
  seen.set(name, { ...seen.get(name), [column]: result });
}

/** Compares what was seen with the documentation, or writes it there. */
export function concludeProtected() {
  const rows = PROTECTED.map(({ name }) => [name, ...COLUMNS.map((column) => seen.get(name)?.[column] ?? "not seen")]);
  return conclude(TABLE, table(["API", ...COLUMNS], rows));
}

const SERVE = fileURLToPath(new URL("../protected/serve.js", import.meta.url));

/**
 * Starts one as a process of its own.
 *
 * @param {typeof PROTECTED[number]} row
 * @param {import("../../e2e/harness/reference-server.js").ReferenceServer} provider whose tokens it takes
 * @param {string} app the origin that may ask
 */
export async function startProtected({ name, folder, path }, provider, app) {
  const { private: TLS_KEY, cert: TLS_CERT } = await certificate();
  const PORT = await freePort();
  const issuer = `${provider.api}/oidc`;
  const own = {
    ...{ ISSUER: issuer, AUDIENCE: provider.api, KEYS: `${issuer}/jwks`, APP_ORIGIN: app, PACKAGE: await packageDir(), PORT, TLS_KEY, TLS_CERT },
    // The provider's certificate is its own.
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
    NODE_NO_WARNINGS: "1",
    NEXT_TELEMETRY_DISABLED: "1",
  };
  const child = spawn(process.execPath, [SERVE, folder], { env: { ...process.env, ...own, NODE_ENV: undefined }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output = (output + chunk).slice(-4_000)));
  const server = { url: `https://localhost:${PORT}${path}`, stop: () => stopProcess(child), output: () => output };
  try {
    await until(`${name} listens`, () => {
      if (child.exitCode !== null) throw new Error(`${name} ended: ${output}`);
      return /^ready$/m.test(output);
    }, { seconds: 120 });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}
