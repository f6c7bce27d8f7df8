import { WASM_HEX } from "../generated/wasm-hex.js";

/**
 * The core as WebAssembly, inlined as hex, so that no bundler needs to know about it. Hex survives compression
 * better than base64, which destroys the byte alignment.
 */
export function wasmBytes(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(WASM_HEX.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = (digit(2 * at) << 4) | digit(2 * at + 1);
  }
  return bytes;
}

/** 0–9 are 48–57, a–f are 97–102. */
function digit(at: number): number {
  const code = WASM_HEX.charCodeAt(at);
  return code > 57 ? code - 87 : code - 48;
}
