import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { HEX } from "../generated/core-text.js";
import { fromHex, wasmBytes } from "../src/core-wasm.js";

const wasm = readFileSync(new URL("../generated/core_bg.wasm", import.meta.url));

test("the inlined core is the wasm, byte for byte, with and without the engine's help", () => {
  assert.equal(new Set(wasm).size, 256, "every value of a byte is put to the test");
  assert.ok(wasm.equals(wasmBytes()));
  assert.ok(wasm.equals(fromHex(HEX)));
});
