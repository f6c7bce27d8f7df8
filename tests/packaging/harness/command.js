import { spawn } from "node:child_process";
import { once } from "node:events";

/** Tools ask no questions and tell nobody. */
const ENV = { ...process.env, CI: "1", NO_COLOR: "1", NEXT_TELEMETRY_DISABLED: "1", NG_CLI_ANALYTICS: "false", NODE_ENV: undefined, FORCE_COLOR: undefined };

/** Runs a command to its end; resolves with what it printed, and rejects with that where it failed. */
export async function run(command, args, { cwd }) {
  const child = spawn(command, args, { cwd, env: ENV, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} in ${cwd} ended with ${code}:\n${output.slice(-4_000)}`);
  return output;
}

/** Starts a command that goes on; `stop` ends it with everything that it started. */
export function start(command, args, { cwd }) {
  const child = spawn(command, args, { cwd, env: { ...ENV, CI: undefined }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output = (output + chunk).slice(-4_000)));
  return {
    get output() {
      return output;
    },
    get isOver() {
      return child.exitCode !== null;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      process.kill(-child.pid, "SIGTERM");
      await gone;
    },
  };
}
