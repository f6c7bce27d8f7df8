// Builds dist/ from src/ and generated/.
//
//   index.js, axios.js, …   the entries (scripts/entries.mjs): ES modules; the .cjs beside each is for require()
//   core.js                 the core: its JavaScript half, and the WebAssembly as a text; the default entry loads it by import()
//   core-provider.js        the same with sign-in at a provider, loaded in its stead where there is one
//   core-script.js          all of it as JavaScript, for where there is no WebAssembly; loaded only there
//   hallpass.wasm           the core as WebAssembly, for the slim entry
//   hallpass-provider.wasm  the same with sign-in at a provider
//   sbom.cdx.json           which crates are in the core, and what made it (CycloneDX)
//   *.d.ts, *.d.cts         types of the entries, and of what they name
//
// generated/ comes from `cargo xtask build` (the glue, and the wasm) and scripts/generate.mjs (the rest).

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { ENTRIES, SHARED_TYPES } from "./entries.mjs";
import { generate } from "./generate.mjs";
import { folderManifests, manifests } from "./manifest.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
/** Built aside, and put in place as a whole: nobody meets half a package. */
const dist = join(root, ".dist");

/** What is loaded later, from files of its own next to the entries. */
const CHUNKS = [
  { name: "core", source: "src/core/wasm.ts" },
  { name: "core-provider", source: "src/core/provider-wasm.ts" },
  { name: "core-script", source: "src/core/script.ts" },
];
/** Every file that the types of the entries name: its source, and what it is called in dist/. */
const TYPES = new Map([
  ...ENTRIES.map(({ name, source }) => [source.replace(/\.tsx?$/, ""), name]),
  ...SHARED_TYPES.map((name) => [`src/${name}`, name.replaceAll("/", "-")]),
]);

const { is, should } = manifests();
if (is !== should) {
  console.error('package.json does not name the entries of scripts/entries.mjs: run "npm run entries".');
  process.exit(1);
}
generate();
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
await Promise.all([bundle("esm", ".js"), bundle("cjs", ".cjs")]);
emitTypes();
for (const name of ["hallpass.wasm", "hallpass-provider.wasm", "sbom.cdx.json"]) cpSync(join(root, "generated", name), join(dist, name));
copyLicences();
for (const { folder, manifest } of folderManifests()) {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}
rmSync(join(root, "dist"), { recursive: true, force: true });
renameSync(dist, join(root, "dist"));

/** @param {"esm" | "cjs"} format */
async function bundle(format, extension) {
  const common = {
    bundle: true,
    format,
    // What webpack 4, and tools of its time, can parse.
    target: "es2019",
    platform: "neutral",
    outdir: dist,
    outExtension: { ".js": extension },
    absWorkingDir: root,
    logLevel: "warning",
    packages: "external",
    // Only the slim entry says where it is, to bundlers that understand it.
    define: { "import.meta": "undefined" },
    // In CommonJS `require` inside a function: Jest knows no import() there.
    supported: { "dynamic-import": format === "esm", "import-meta": format === "esm" },
  };
  const coreChunks = {
    name: "core-chunks",
    setup(plugins) {
      plugins.onResolve({ filter: /\.js$/ }, ({ path, kind, resolveDir }) => {
        const source = join(resolveDir, path.replace(/\.js$/, ".ts"));
        const chunk = kind === "entry-point" ? undefined : CHUNKS.find((chunk) => join(root, chunk.source) === source);
        return chunk && { path: `./${chunk.name}${extension}`, external: true };
      });
    },
  };
  const entryPoints = (entries) => Object.fromEntries(entries.map(({ name, source }) => [name, source]));
  const shared = ENTRIES.filter(({ client, name }) => !client && name !== "slim");
  const slim = ENTRIES.filter(({ name }) => name === "slim");
  const client = ENTRIES.filter(({ client }) => client);
  await Promise.all([
    build({ ...common, entryPoints: entryPoints(CHUNKS), minify: true }),
    build({ ...common, entryPoints: entryPoints(shared), plugins: [coreChunks] }),
    build({ ...common, entryPoints: entryPoints(slim), plugins: [coreChunks], define: format === "esm" ? {} : common.define }),
    build({ ...common, entryPoints: entryPoints(client), jsx: "automatic", banner: { js: '"use client";' } }),
  ]);
}

/** Types by tsc; only the public files are kept. CommonJS gets its own, so that both module systems resolve them. */
function emitTypes() {
  const all = join(dist, ".types");
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", root, "--declaration", "--emitDeclarationOnly", "--rootDir", root, "--outDir", all], {
    cwd: root,
    stdio: "inherit",
  });
  for (const [source, name] of TYPES) {
    const text = readFileSync(join(all, `${source}.d.ts`), "utf8").replace(/(["'])(\.\.?\/[\w./-]+)\.js\1/g, (_, quote, path) => {
      const target = TYPES.get(join(dirname(source), path));
      if (target === undefined) throw new Error(`${source} names ${path} in its types, which is not public`);
      return `${quote}./${target}.js${quote}`;
    });
    writeFileSync(join(dist, `${name}.d.ts`), text);
    writeFileSync(join(dist, `${name}.d.cts`), text.replace(/(["']\.\/[\w-]+)\.js(["'])/g, "$1.cjs$2"));
  }
  rmSync(all, { recursive: true });
}

/** The licences stand at the project's root; the package carries copies. */
function copyLicences() {
  for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    const licence = join(root, "..", name);
    if (existsSync(licence)) cpSync(licence, join(root, name));
  }
}
