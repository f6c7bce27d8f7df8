import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

/** Tests run from the package's folder. */
const root = process.cwd();
const file = join(root, "dist", "sbom.cdx.json");

interface Component {
  name: string;
  version?: string;
  "bom-ref": string;
  purl?: string;
  hashes?: { alg: string; content: string }[];
  licenses?: { expression: string }[];
}

interface Bill {
  metadata: { component: Component; tools: { components: Component[] } };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

describe("the bill of materials", () => {
  const text = readFileSync(file, "utf8");
  const bill = JSON.parse(text) as Bill;
  const lock = lockedCrates();

  test("is CycloneDX 1.6, to the letter (SEC-47)", async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    assert.equal(await validator.validate(text), null);
    const broken = text.replace('"type": "file"', '"type": "thing"');
    assert.notEqual(broken, text);
    assert.notEqual(await validator.validate(broken), null, "the validator finds a mistake");
  });

  test("lists every crate whose code is in a core, and no other (SEC-47)", () => {
    assert.deepEqual(listed(bill), linkedCrates());
  });

  test("fails where a crate is missing (SEC-47)", () => {
    const [first, ...rest] = bill.components;
    assert.ok(first !== undefined);
    assert.notDeepEqual(listed({ ...bill, components: rest }), linkedCrates());
  });

  test("version, licence and hash of each crate are those of Cargo.lock (SEC-47)", () => {
    const crates = [...bill.components, ...bill.metadata.tools.components].filter(({ purl }) => purl?.startsWith("pkg:cargo/"));
    assert.ok(crates.length > 20);
    for (const { name, version, purl, hashes, licenses } of crates) {
      const key = `${name}@${String(version)}`;
      assert.equal(purl, `pkg:cargo/${key}`);
      assert.deepEqual(hashes, [{ alg: "SHA-256", content: lock.get(key) }], key);
      assert.match(licenses?.[0]?.expression ?? "", /MIT|Apache-2\.0|BSD-3-Clause|Unicode-3\.0/, key);
    }
  });

  test("names the tools with their locked hashes, and each module by its own (SEC-47)", () => {
    const tools = new Map(bill.metadata.tools.components.map((tool) => [tool.name, tool]));
    assert.deepEqual([...tools.keys()], ["rustc", "wasm-bindgen-cli", "binaryen", "esbuild", "typescript"]);
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
      packages: Record<string, { version: string; integrity: string }>;
    };
    for (const name of ["binaryen", "esbuild", "typescript"]) {
      const { version, integrity } = packages[`node_modules/${name}`] ?? { version: "", integrity: "" };
      assert.equal(tools.get(name)?.version, version);
      assert.equal(tools.get(name)?.hashes?.[0]?.content, Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex"));
    }
    for (const file of ["dist/hallpass.wasm", "dist/hallpass-provider.wasm"]) {
      const wasm = createHash("sha256").update(readFileSync(join(root, file))).digest("hex");
      assert.deepEqual(bill.components.find(({ name }) => name === file)?.hashes, [{ alg: "SHA-256", content: wasm }]);
    }
  });

  test("whatever is listed is needed by something, and whatever is needed is listed", () => {
    const refs = new Set([...bill.components, bill.metadata.component].map((component) => component["bom-ref"]));
    const needed = new Set(bill.dependencies.flatMap(({ dependsOn }) => dependsOn));
    assert.deepEqual([...needed].filter((ref) => !refs.has(ref)), []);
    assert.deepEqual([...refs].filter((ref) => !needed.has(ref)), [bill.metadata.component["bom-ref"]]);
  });

  test("says nothing of when, where or by whom it was made: the same sources give the same bytes (SEC-47)", () => {
    assert.doesNotMatch(text, /timestamp|serialNumber|"\/|file:|urn:uuid|\d{4}-\d\d-\d\dT/);
  });
});

function listed({ components }: Bill): string[] {
  return components
    .filter((component) => component["bom-ref"].startsWith("pkg:cargo/"))
    .map(({ name, version }) => `${name}@${String(version)}`)
    .sort();
}

/** What cargo says that it links into the core. */
function linkedCrates(): string[] {
  const options = ["--target", "wasm32-unknown-unknown", "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
  const tree = execFileSync("cargo", ["tree", "--package", "hallpass", ...options], { cwd: join(root, ".."), encoding: "utf8" });
  const crates = tree
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" ").slice(0, 2).join("@").replace("@v", "@"));
  return [...new Set(crates)].sort();
}

/** The checksums in Cargo.lock, by `name@version`. */
function lockedCrates(): Map<string, string> {
  const text = readFileSync(join(root, "..", "Cargo.lock"), "utf8");
  const entries = text.matchAll(/^name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"$/gm);
  return new Map([...entries].map(([, name = "", version = "", sum = ""]) => [`${name}@${version}`, sum]));
}
