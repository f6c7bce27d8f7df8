import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { originals } from "../src/core/originals.js";
import { wasmBytes } from "../src/core/wasm.js";

const wasm = readFileSync(new URL("../generated/core_bg.wasm", import.meta.url));

test("the inlined core is the wasm, byte for byte, with and without the engine's help", () => {
  assert.equal(new Set(wasm).size, 256, "every value of a byte is put to the test");
  assert.ok(wasm.equals(wasmBytes({ Uint8Array, fromHex: (hex) => new Uint8Array(Buffer.from(hex, "hex")) })));
  assert.ok(wasm.equals(wasmBytes({ Uint8Array, fromHex: undefined })));
  assert.ok(wasm.equals(wasmBytes(originals)));
});
