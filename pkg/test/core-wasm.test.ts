import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PACKED } from "../generated/packed-core.js";
import { wasmBytes } from "../src/core-wasm.js";

test("the inlined core is the wasm, byte for byte", () => {
  const wasm = readFileSync(new URL("../generated/core_bg.wasm", import.meta.url));
  assert.equal(new Set(wasm).size, 256, "every value of a byte is put to the test");
  assert.ok(wasm.equals(wasmBytes()));
});

test("nothing in its text needs an escape, within any quotes, in a template or in a page", () => {
  assert.match(PACKED, /^[\x20-\x7e]+$/);
  assert.doesNotMatch(PACKED, /["'`\\$<]/);
});
