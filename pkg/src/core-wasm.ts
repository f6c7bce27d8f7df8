import { ALPHABET, WASM_TEXT } from "../generated/wasm-text.js";

/** The core as WebAssembly, inlined as a text, so that no bundler needs to know about it: `scripts/bytes-as-text.mjs`. */
export function wasmBytes(): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(128);
  for (let value = 0; value < ALPHABET.length; value++) values[ALPHABET.charCodeAt(value)] = value;
  const plain = ALPHABET.length - 2;
  const bytes = new Uint8Array(WASM_TEXT.length);
  let length = 0;
  let lift = 0;
  for (let at = 0; at < WASM_TEXT.length; at++) {
    const value = values[WASM_TEXT.charCodeAt(at)] ?? 0;
    if (value < 2) {
      lift = plain * (value + 1);
    } else {
      bytes[length++] = lift + value - 2;
      lift = 0;
    }
  }
  return bytes.subarray(0, length);
}
