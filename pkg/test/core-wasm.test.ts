import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { originals } from "../src/core/originals.js";
import * as provider from "../src/core/provider-wasm.js";
import * as plain from "../src/core/wasm.js";

for (const [name, { HEX, bytesOf }] of [["hallpass", plain], ["hallpass-provider", provider]] as const) {
  test(`the inlined core is ${name}.wasm, byte for byte, with and without the engine's help`, () => {
    const wasm = readFileSync(new URL(`../generated/${name}.wasm`, import.meta.url));
    assert.equal(new Set(wasm).size, 256, "every value of a byte is put to the test");
    assert.ok(wasm.equals(bytesOf(HEX, { Uint8Array, fromHex: (hex) => new Uint8Array(Buffer.from(hex, "hex")) })));
    assert.ok(wasm.equals(bytesOf(HEX, { Uint8Array, fromHex: undefined })));
    assert.ok(wasm.equals(bytesOf(HEX, originals)));
  });
}
