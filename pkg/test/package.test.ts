import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import ts from "typescript";

/** Tests run from the package's folder. */
const root = process.cwd();
const dist = join(root, "dist");

/** The package as it is packed. */
describe("the packed package", () => {
  let folder: string;
  let tarball: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "hallpass-package-"));
    execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], { cwd: root, stdio: "ignore" });
    tarball = join(folder, readdirSync(folder)[0] ?? "");
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  test("publint has nothing to say, not even a suggestion", async () => {
    const { buffer, byteOffset, byteLength } = readFileSync(tarball);
    const packed = buffer.slice(byteOffset, byteOffset + byteLength);
    const { messages, pkg } = await publint({ strict: true, pack: { tarball: packed } });
    assert.deepEqual(messages.map((message) => formatMessage(message, pkg as Record<string, unknown>)), []);
  });

  test("the types are not wrong, for any way to resolve them", () => {
    const attw = join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
    const { status, stdout } = spawnSync(process.execPath, [attw, tarball, "--format", "ascii", "--no-color", "--exclude-entrypoints", "hallpass.wasm", "hallpass-provider.wasm"], { encoding: "utf8" });
    assert.equal(status, 0, stdout);
  });

  test("the command in CONTRIBUTING.md turns the inlined core back into hallpass.wasm, byte for byte (SEC-47)", () => {
    const guide = readFileSync(join(root, "..", "CONTRIBUTING.md"), "utf8");
    const command = /```sh\n(node -e [^`]+)```/.exec(guide)?.[1] ?? "";
    assert.match(command, /cmp - dist\/hallpass\.wasm/);
    const run = (text: string): number | null => spawnSync("sh", ["-c", text], { cwd: root }).status;
    assert.equal(run(command), 0);
    assert.equal(run(command.replace("core.js", "core.cjs")), 0, "the same in CommonJS");
    const other = command.replace("hallpass.wasm", "hallpass-provider.wasm");
    for (const file of ["core-provider.js", "core-provider.cjs"]) assert.equal(run(other.replace("core.js", file)), 0, file);
    assert.notEqual(run(other), 0, "they are two cores");
    assert.notEqual(run(command.replace("[0]", "[0].slice(2)")), 0, "a missing byte is seen");
  });

  test("the files and the types are the reported ones", () => {
    const env = { ...process.env, HALLPASS_TARBALL: tarball };
    const { status, stderr } = spawnSync(process.execPath, ["scripts/report.mjs", "--check"], { cwd: root, env, encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });

  test("no import of its own but optional peers, no install script, no ignore file", () => {
    const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, Record<string, string> | undefined>;
    assert.equal(manifest.dependencies, undefined);
    assert.deepEqual(Object.keys(manifest.scripts ?? {}).filter((name) => /install|prepare|publish/.test(name)), []);
    const peers = Object.keys(manifest.peerDependencies ?? {});
    for (const file of readdirSync(dist).filter((name) => /\.c?js$/.test(name))) {
      const code = readFileSync(join(dist, file), "utf8");
      for (const [, name = ""] of code.matchAll(/(?:\bfrom|\bimport|\brequire\(|\bimport\() ?"([^"./][^"]*)"/g)) {
        assert.ok(peers.some((peer) => name === peer || name.startsWith(`${peer}/`)), `${file} imports ${name}`);
      }
    }
  });

  test("the core stands behind import(), with what the facade took of the platform and nothing of its own (SEC-43)", () => {
    const index = readFileSync(join(dist, "index.js"), "utf8");
    assert.ok(index.length < 100_000, "the core is not in it");
    const common = readFileSync(join(dist, "index.cjs"), "utf8");
    for (const name of ["core", "core-provider", "core-script"]) {
      assert.match(index, new RegExp(String.raw`\bimport\(\s*(?:/\*[^*]*\*/\s*)?"\./${name}\.js"\s*\)`));
      assert.match(common, new RegExp(String.raw`\brequire\(\s*(?:/\*[^*]*\*/\s*)?"\./${name}\.cjs"\s*\)`));
    }
    assert.doesNotMatch(index, /\bfrom "\.\/core|\bimport "\.\/core/);
    for (const file of ["core", "core-provider", "core-script"].flatMap((name) => [`${name}.js`, `${name}.cjs`])) {
      const code = readFileSync(join(dist, file), "utf8");
      assert.doesNotMatch(code, /\bfrom ?"|\brequire\(/, `${file} imports nothing`);
      const own = /\bWebAssembly\b|\bJSON\b|\bReflect\b|\.bind\(|\bnew (?:Promise|TextDecoder|TextEncoder|Uint8Array|BroadcastChannel)\b/;
      assert.doesNotMatch(code, own, `${file} takes nothing from the global object`);
    }
  });

  test("nothing in it evaluates text, or makes markup of it (SEC-41, SEC-42)", () => {
    for (const file of readdirSync(dist).filter((name) => /\.c?js$/.test(name))) {
      const code = readFileSync(join(dist, file), "utf8");
      assert.doesNotMatch(code, /\beval\(|\bFunction\(["'`]|\binnerHTML\b|\bdocument\.write\b|\bnew Worker\b/, file);
    }
  });

  test("the emitted types know no any and no Function", () => {
    const found = readdirSync(dist)
      .filter((name) => name.endsWith(".d.ts"))
      .flatMap((name) => loose(ts.createSourceFile(name, readFileSync(join(dist, name), "utf8"), ts.ScriptTarget.Latest, true)));
    assert.deepEqual(found, []);
  });
});

function loose(file: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isAny = node.kind === ts.SyntaxKind.AnyKeyword;
    const isFunction = ts.isTypeReferenceNode(node) && node.typeName.getText(file) === "Function";
    if (isAny || isFunction) found.push(`${file.fileName}: ${node.parent.getText(file)}`);
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}
