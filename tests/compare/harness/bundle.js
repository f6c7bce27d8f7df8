/** Applications as a bundler makes them: minified, code that is loaded later in files of its own. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const PACKAGE = JSON.parse(readFileSync(here("../../pkg/package.json"), "utf8"));

/**
 * @returns {Promise<{ files: Map<string, Uint8Array>, main: string[] }>} files by path; `main`: the entry, and what it
 * imports at its head
 */
export async function bundle(name) {
  const { outputFiles, metafile } = await build({
    entryPoints: [here(`apps/${name}.js`)],
    entryNames: "main",
    outdir: here("dist"),
    alias: { hallpass: packageFile("."), "hallpass/oidc": packageFile("./oidc") },
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2022",
    metafile: true,
    write: false,
    logLevel: "error",
    absWorkingDir: here(""),
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [path.slice(here("dist").length), contents]));
  return { files, main: [...importedBy("dist/main.js", metafile.outputs)].map((path) => path.slice("dist".length)) };
}

/** The package as it was built, by its own list of entries. */
function packageFile(entry) {
  const { import: target } = PACKAGE.exports[entry];
  return here(`../../pkg/${typeof target === "string" ? target : target.default}`);
}

/** The file, and those without which it does not run. */
function importedBy(path, outputs, seen = new Set()) {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const { path: next, kind } of outputs[path].imports) if (kind === "import-statement") importedBy(next, outputs, seen);
  return seen;
}
