import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";

/** Tests run from the package's folder. */
const dist = join(process.cwd(), "dist");
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as { exports: object; peerDependencies: Record<string, string>; peerDependenciesMeta: Record<string, { optional: boolean }>; dependencies?: unknown };
const entries = Object.keys(manifest.exports).filter((path) => !/\.\w+$/.test(path)).map((path) => (path === "." ? "index" : path.slice(2)));
const client = entries.filter((name) => name !== "server");

/** What an application's bundle gets of `dist`, and which packages it asks for. */
async function bundled(...names: readonly string[]): Promise<{ files: string[]; packages: string[]; text: string }> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: names.map((name, index) => `import * as entry${String(index)} from "./${name}.js"; console.log(entry${String(index)});`).join("\n"), resolveDir: dist },
    bundle: true,
    format: "esm",
    platform: "browser",
    packages: "external",
    splitting: true,
    outdir: "out",
    write: false,
    metafile: true,
    define: { "import.meta": "undefined" },
  });
  const files = Object.keys(metafile.inputs).map((path) => path.replace(/^dist\//, "")).filter((path) => path !== "<stdin>");
  const packages = Object.values(metafile.outputs).flatMap(({ imports }) => imports.filter(({ external }) => external === true).map(({ path }) => path));
  return { files: files.sort(), packages: [...new Set(packages)].sort(), text: outputFiles.map((file) => file.text).join("\n") };
}

test("no bundle of a page has anything of the server's half, nor asks for jose", async () => {
  assert.ok(entries.includes("server") && client.length > 5);
  for (const names of [["index"], client]) {
    const { files, packages, text } = await bundled(...names);
    assert.ok(files.includes("core.js") && files.includes("index.js"), "the bundle is seen as a whole");
    assert.deepEqual(files.filter((file) => file.startsWith("server")), []);
    assert.ok(!packages.includes("jose"), String(packages));
    assert.doesNotMatch(text, /use_dpop_nonce.*needs the nonce of this answer|fingerprint_mismatch|createVerifier/);
  }
});

test("the server's half is one file that asks for jose alone, and has nothing of the core", async () => {
  const { files, packages, text } = await bundled("server");
  assert.deepEqual(files, ["server.js"]);
  assert.deepEqual(packages, ["jose"]);
  assert.match(text, /fingerprint_mismatch/);
  assert.doesNotMatch(text, /hallpass\.wasm|new WebAssembly|BroadcastChannel|sessionStorage|\bimport\(|CoreFinalization/);
});

test("both ways to load it, with what Node has", () => {
  const check = "const v = createVerifier({ issuer: 'i', audience: 'a', keys: 'https://x/jwks' }); v(new Request('https://x')).catch((e) => console.log(e instanceof Unauthorized, e.code));";
  for (const [type, load] of [["module", 'import { createVerifier, Unauthorized } from "hallpass/server";'], ["commonjs", 'const { createVerifier, Unauthorized } = require("hallpass/server");']] as const) {
    const { stdout, stderr } = spawnSync(process.execPath, [`--input-type=${type}`, "-e", `${load} ${check}`], { encoding: "utf8", cwd: process.cwd() });
    assert.equal(stdout, "true token_missing\n", stderr);
  }
});

test("it says what it needs: jose, as an optional peer", () => {
  assert.equal(manifest.peerDependencies.jose, ">=6");
  assert.equal(manifest.peerDependenciesMeta.jose?.optional, true);
  assert.equal(manifest.dependencies, undefined);
});
