import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const HOOKS = new URL("../page/hooks.js", import.meta.url);

/** A page of the app's origin with nothing on it: where stores are emptied without the app noticing. */
export const BLANK = "/e2e-blank.html";

/**
 * A copy of the built demo app, with one script more: page/hooks.js, before all others.
 * The app itself is byte for byte what was built.
 */
export async function makeAppDir() {
  const built = process.env.HALLPASS_APP_DIR;
  if (!built) throw new Error("HALLPASS_APP_DIR must name the built demo app (`cargo xtask e2e` sets it)");
  const dir = await mkdtemp(join(tmpdir(), "hallpass-e2e-app-"));
  await cp(built, dir, { recursive: true });
  const index = join(dir, "index.html");
  const html = await readFile(index, "utf8");
  const withHooks = html.replace(/<head>/i, '<head><script src="/e2e-hooks.js"></script>');
  if (withHooks === html) throw new Error(`${built}/index.html has no <head>`);
  await writeFile(index, withHooks);
  await cp(HOOKS, join(dir, "e2e-hooks.js"));
  await writeFile(join(dir, BLANK.slice(1)), '<!doctype html><script src="/e2e-hooks.js"></script>');
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}
