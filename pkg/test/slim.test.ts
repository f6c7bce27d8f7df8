import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import type * as Slim from "../src/slim.js";
import { createClosingServer } from "./closing-server.js";

/** Tests run from the package's folder. */
const dist = join(process.cwd(), "dist");
const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln";

let copies = 0;
/** The built entry, without a core. */
async function fresh(): Promise<typeof Slim> {
  return (await import(`${pathToFileURL(join(dist, "slim.js")).href}?${String(++copies)}`)) as typeof Slim;
}

/** How an entry that is imported from now on compiles the core, and whether as WebAssembly at all. */
function watchWasm(): string[] {
  const calls: string[] = [];
  const { compile, compileStreaming, instantiate } = original;
  Object.assign(WebAssembly, {
    compile: (source: BufferSource) => (calls.push("compile"), compile(source)),
    compileStreaming: (source: Response) => (calls.push("compileStreaming"), compileStreaming(source)),
    instantiate: (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
      if (!("env" in imports)) calls.push("instantiate"); // Node's own HTTP parser has one
      return instantiate(module, imports);
    },
  });
  return calls;
}
const original = { ...pick(WebAssembly) };
function pick({ compile, compileStreaming, instantiate }: typeof WebAssembly): Pick<typeof WebAssembly, "compile" | "compileStreaming" | "instantiate"> {
  return { compile, compileStreaming, instantiate };
}

describe("hallpass/slim", () => {
  // Node compiles its own HTTP parser when its fetch is first asked for.
  before(fresh);

  const bytes = (): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(join(dist, "hallpass.wasm")));
  const answer = (type: string): Response => new Response(bytes(), { headers: { "Content-Type": type } });

  const sources: [string, () => Parameters<typeof Slim.load>[0] | Promise<WebAssembly.Module>, string[]][] = [
    ["bytes", bytes, ["compile", "instantiate"]],
    ["an ArrayBuffer", () => bytes().buffer, ["compile", "instantiate"]],
    ["a promise of a module", () => original.compile(bytes()), ["instantiate"]],
    ["an answer with the right name: compiled as it arrives", () => answer("application/wasm"), ["compileStreaming", "instantiate"]],
    ["an answer with a wrong name (REL-35)", () => answer("application/octet-stream"), ["compile", "instantiate"]],
    ["a promise of an answer", () => Promise.resolve(answer("text/plain")), ["compile", "instantiate"]],
  ];
  for (const [name, source, expected] of sources) {
    test(`load from ${name}`, async () => {
      const calls = watchWasm();
      const { load, decodeToken } = await fresh();
      await load(source());
      await load();
      assert.equal(decodeToken(TOKEN).claims.sub, "ada");
      assert.deepEqual(calls, expected);
    });
  }

  test("load from an address, as text and as URL, fetched once (REL-35)", async () => {
    let asked = 0;
    const server = createClosingServer((_, response) => {
      asked++;
      response.setHeader("Content-Type", "application/wasm").end(bytes());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hallpass.wasm`;
      for (const source of [address, new URL(address)]) {
        const calls = watchWasm();
        const { load, decodeToken } = await fresh();
        await Promise.all([load(source), load(source)]);
        assert.equal(decodeToken(TOKEN).claims.sub, "ada");
        assert.deepEqual(calls, ["compileStreaming", "instantiate"]);
      }
      assert.equal(asked, 2);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  test("a source that gives nothing of use: the core comes as JavaScript (REL-35)", async () => {
    const useless = [
      () => new Response("not found", { status: 404 }),
      () => new Uint8Array([1, 2, 3]),
      () => Promise.reject<Response>(new Error("offline")),
    ];
    for (const source of useless) {
      const calls = watchWasm();
      const { load, decodeToken } = await fresh();
      await load(source());
      assert.equal(decodeToken(TOKEN).claims.sub, "ada");
      assert.ok(!calls.includes("instantiate"));
    }
  });

  test("importing loads nothing; no source in Node: the core as JavaScript", async () => {
    const { load, decodeToken } = await fresh();
    assert.throws(() => decodeToken(TOKEN), { code: "not_loaded" });
    await load();
    assert.equal(decodeToken(TOKEN).claims.sub, "ada");
  });
});
