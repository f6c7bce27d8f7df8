import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageDir } from "./package-dir.js";
import { PLAIN } from "./plain-page.js";

const PAGES = new URL("../page/", import.meta.url);

/** A page of the app's origin with nothing on it: where stores are emptied without the app noticing. */
export const BLANK = "/e2e-blank.html";

/**
 * A copy of the built demo app, with one script more: page/hooks.js, before all others.
 * The app itself is byte for byte what was built. Beside it stands the plain page, with the package as it was packed.
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
  for (const script of ["hooks.js", "clock.js", "plain.js", "worker.js"]) await cp(new URL(script, PAGES), join(dir, `e2e-${script}`));
  await cp(new URL("plain.html", PAGES), join(dir, PLAIN.slice(1)));
  await cp(join(await packageDir(), "dist"), join(dir, "e2e-package"), { recursive: true });
  await writeFile(join(dir, BLANK.slice(1)), '<!doctype html><script src="/e2e-hooks.js"></script>');
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}
