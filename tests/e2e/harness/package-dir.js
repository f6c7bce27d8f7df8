import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

let unpacked;

/** The packed package, unpacked once per process: resolves with the directory that holds its `dist`. */
export function packageDir() {
  unpacked ??= unpack();
  return unpacked;
}

/** Removes it. */
export async function removePackageDir() {
  if (unpacked === undefined) return;
  const dir = await unpacked;
  unpacked = undefined;
  await rm(join(dir, ".."), { recursive: true, force: true });
}

async function unpack() {
  const tarball = process.env.HALLPASS_TARBALL;
  if (!tarball) throw new Error("HALLPASS_TARBALL must name the packed package (`cargo xtask e2e` sets it)");
  const dir = await mkdtemp(join(tmpdir(), "hallpass-e2e-package-"));
  await promisify(execFile)("tar", ["-xzf", tarball, "-C", dir]);
  return join(dir, "package");
}
