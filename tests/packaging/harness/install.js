import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./command.js";

const SOURCES = fileURLToPath(new URL("../", import.meta.url));
/** Projects are installed and built outside of the sources, where no other node_modules is above them. */
const INSTALLED = join(SOURCES, "../../target/packaging");

const prepared = new Map();
/** The tarball, where every package.json looks for it. */
let copied;

/** A copy of projects/`name`, with its packages and the packed tarball installed; resolves with its folder. Once per project. */
export function prepare(name) {
  if (!prepared.has(name)) prepared.set(name, install(name));
  return prepared.get(name);
}

async function install(name) {
  const tarball = process.env.HALLPASS_TARBALL;
  if (!tarball) throw new Error("HALLPASS_TARBALL must name the packed package (`cargo xtask test` sets it)");
  const folder = join(INSTALLED, name);
  await mkdir(folder, { recursive: true });
  for (const entry of await readdir(folder)) {
    if (entry !== "node_modules") await rm(join(folder, entry), { recursive: true });
  }
  await cp(join(SOURCES, "projects", name), folder, { recursive: true });
  await cp(join(SOURCES, "shared"), join(folder, "shared"), { recursive: true });
  await (copied ??= cp(tarball, join(INSTALLED, "hallpass.tgz")));

  const stampFile = join(folder, "node_modules/.hallpass-stamp");
  const locked = await digest(join(folder, "package-lock.json"));
  const packed = await digest(tarball);
  const stamp = await readFile(stampFile, "utf8").catch(() => "");
  if (stamp === `${locked} ${packed}`) return folder;
  if (stamp.startsWith(`${locked} `)) {
    await npm(folder, "install", "--no-save", "--no-package-lock", "../hallpass.tgz");
  } else {
    await npm(folder, "ci");
  }
  await writeFile(stampFile, `${locked} ${packed}`);
  return folder;
}

function npm(folder, ...args) {
  return run("npm", [...args, "--no-audit", "--no-fund", "--prefer-offline"], { cwd: folder });
}

async function digest(file) {
  return createHash("sha256").update(await readFile(file)).digest("hex");
}
