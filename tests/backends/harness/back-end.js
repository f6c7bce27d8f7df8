import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, stopProcess } from "../../e2e/harness/process.js";
import { until } from "../../e2e/harness/until.js";
import { APP } from "./front.js";
import { ACCESS_SECONDS } from "./lifetime.js";

const here = fileURLToPath(new URL("../", import.meta.url));

/** A row's server, as a process of its own. */
export class BackEnd {
  #row;
  #child;
  #port;
  #scratch;
  /** What it said for programs, whole: its log goes the other way, and no order holds between the two. */
  #said = "";
  /** The end of all that it wrote, for people. */
  #output = "";

  /** @param {import("./rows.js").Row} row */
  constructor(row) {
    this.#row = row;
  }

  /** Starts it and waits until it listens; a second time on the same address as before. */
  async start() {
    const row = this.#row;
    this.#port ??= await freePort();
    this.#scratch = await mkdtemp(join(tmpdir(), "hallpass-backend-"));
    this.#said = this.#output = "";
    const [program, ...args] = row.command(this.#port);
    const own = { PORT: this.#port, APP_ORIGIN: APP, ACCESS_SECONDS, SCRATCH: this.#scratch, PYTHONDONTWRITEBYTECODE: 1, ...row.env };
    const child = spawn(program, args, { cwd: here, env: { ...process.env, ...own }, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    child.stdout.on("data", (chunk) => (this.#said += chunk));
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (this.#output = (this.#output + chunk).slice(-4_000)));
    let failure;
    child.once("error", (error) => (failure = error));
    await until(`${row.name} listens`, () => {
      if (failure !== undefined || child.exitCode !== null) throw new Error(`${row.name} ended: ${failure?.message ?? this.#output}`);
      return this.#said.includes("\n") || row.origin === undefined ? listens(this.#port) : false;
    });
    this.upstream = `${row.scheme ?? "http"}://127.0.0.1:${this.#port}`;
    /** The only page that it lets in, where that is not the test's. @type {string | undefined} */
    this.origin = row.origin?.(this.#said);
    return this;
  }

  async stop() {
    if (this.#child?.pid !== undefined) await stopProcess(this.#child);
    if (this.#scratch !== undefined) await rm(this.#scratch, { recursive: true, force: true });
  }
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
