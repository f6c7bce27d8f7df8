/* node run-typescript.js <file.ts>: compiles a server of this folder and runs it. */
import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const [source] = process.argv.slice(2);
// Below node_modules, so that the server finds its packages and nobody else the file.
const outfile = fileURLToPath(new URL(`../node_modules/.compiled/${basename(source, ".ts")}-${process.pid}.mjs`, import.meta.url));
await build({
  entryPoints: [source],
  outfile,
  format: "esm",
  platform: "node",
  target: "node20",
  bundle: true,
  packages: "external",
  logLevel: "warning",
  tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
});
await import(pathToFileURL(outfile).href);
