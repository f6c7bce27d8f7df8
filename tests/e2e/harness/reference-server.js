import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { createHash } from "node:crypto";
import { request } from "./http.js";
import { stopProcess } from "./process.js";
import { until } from "./until.js";

/** The project's reference server, as a process of its own on free ports, with its knobs for faults open. */
export class ReferenceServer {
  #child;
  #appDir;
  #flags;
  #stderr = "";

  /**
   * @param {string} appDir what its app origin serves
   * @param {string[]} [flags] more of them
   */
  constructor(appDir, flags = []) {
    this.#appDir = appDir;
    this.#flags = flags;
  }

  /** Starts it; a second time on the same addresses as before, with an empty database. */
  async start() {
    const port = (origin) => (origin === undefined ? "0" : new URL(origin).port);
    const args = [
      "--tls",
      "--faults",
      ...["--app-port", port(this.app), "--api-port", port(this.api), "--foreign-port", port(this.foreign)],
      ...["--app-dir", this.#appDir],
      ...this.#flags,
    ];
    const child = spawn(serverBinary(), args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    child.stderr.on("data", (chunk) => (this.#stderr = (this.#stderr + chunk).slice(-4_000)));
    const first = await new Promise((resolve, reject) => {
      createInterface(child.stdout).once("line", resolve);
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`hallpass-server ended with ${code}: ${this.#stderr}`)));
    });
    const { app, api, foreign } = JSON.parse(first);
    Object.assign(this, { app, api, foreign });
    return this;
  }

  /** Ends it: from now on its addresses refuse connections. */
  async stop() {
    if (this.#child !== undefined) await stopProcess(this.#child);
  }

  /** Adds a fault rule (see the server's documentation of PUT /faults). */
  async fault(rule) {
    await this.#order("PUT", "/faults", rule);
  }

  /** Lets all requests go that a rule holds (`hold: "before"` or `"after"` it is processed). */
  async release() {
    await this.#order("POST", "/faults/release");
  }

  /** Resolves once so many calls to `path` have arrived since the log was cleared, answered or not. */
  async arrived(path, count = 1) {
    await until(`${count} calls to ${path}`, async () => (await this.log({ path })).length >= count);
  }

  /** Resolves once every call to `path` has its answer. */
  async answered(path) {
    await until(`the answer of ${path}`, async () => (await this.log({ path })).every(({ status, fault }) => status !== null || fault !== null));
  }

  /** Takes all rules, policies and the clock offset back. */
  async clearFaults() {
    await this.#order("DELETE", "/faults");
  }

  /** Lifetimes and claims of tokens issued from now on. */
  async policy(policy) {
    await this.#order("PUT", "/faults/policy", policy);
  }

  /** Shifts the server's clock. */
  async clock(offsetSeconds) {
    await this.#order("PUT", "/faults/clock", { offsetSeconds });
  }

  /** Ends every session of this account. */
  async revoke({ username }) {
    await this.#order("POST", "/faults/revoke", { username });
  }

  /** Makes every access token of this account a 401; refresh tokens stay good. */
  async staleAccess({ username }) {
    await this.#order("POST", "/faults/version", { username });
  }

  /** Opens an account. */
  async addUser(user) {
    await this.#order("POST", "/faults/users", user);
  }

  /**
   * What the API and the foreign origin were asked since the log was cleared, preflights left out.
   * @param {{ path?: string, listener?: "api" | "foreign", method?: string, preflights?: boolean }} [filter]
   */
  async log({ path, listener, method, preflights = false } = {}) {
    const { json } = await request(`${this.api}/faults/log`);
    return json.filter(
      (entry) =>
        (preflights || entry.method !== "OPTIONS") &&
        (path === undefined || entry.path === path) &&
        (listener === undefined || entry.listener === listener) &&
        (method === undefined || entry.method === method),
    );
  }

  async clearLog() {
    await this.#order("DELETE", "/faults/log");
  }

  async #order(method, path, body) {
    const answer = await request(`${this.api}${path}`, { method, body });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  }
}

/** How the server's log names a bearer token: it keeps no tokens, only hashes of the header. */
export function bearerHash(token) {
  return createHash("sha256").update(`Bearer ${token}`).digest("hex");
}

function serverBinary() {
  const path = process.env.HALLPASS_SERVER;
  if (!path) throw new Error("HALLPASS_SERVER must name the reference server's binary (`cargo xtask e2e` sets it)");
  return path;
}
