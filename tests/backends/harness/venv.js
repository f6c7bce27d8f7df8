import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REQUIREMENTS = fileURLToPath(new URL("../requirements.txt", import.meta.url));
const VENV = fileURLToPath(new URL("../../../target/backends/venv", import.meta.url));

/** Python with the packages of requirements.txt. */
export const PYTHON = join(VENV, "bin/python");

/** Installs them, unless that was done since the list last changed. */
export function installPython() {
  const stamp = join(VENV, "requirements");
  const wanted = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  rmSync(VENV, { recursive: true, force: true });
  run("python3", "-m", "venv", VENV);
  run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS);
  writeFileSync(stamp, wanted);
}

function run(program, ...args) {
  const { status } = spawnSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed; on Debian, python3-venv has to be installed`);
}
