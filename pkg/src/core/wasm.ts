import { HEX } from "../../generated/core-text.js";
import type { Originals } from "./originals.js";

/** The core as WebAssembly, as a module of its own: `core.js`. */
export { instantiate } from "./module.js";

/**
 * The core's bytes, inlined as a text, so that no bundler needs to know about them.
 *
 * In hexadecimal digits: they pass every minifier and every charset unchanged, and current engines read them in one
 * native call. The bytes as characters are 2 % less under brotli where a bundler leaves them as they are, and 7 % more
 * where it writes ASCII only, as esbuild does by default.
 */
export function wasmBytes(original: Pick<Originals, "fromHex" | "Uint8Array">): Uint8Array<ArrayBuffer> {
  if (original.fromHex !== undefined) return original.fromHex(HEX);
  // A plain loop: it runs once, before the engine has optimised anything, over some hundred thousand digits.
  const bytes = new original.Uint8Array(HEX.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (digit(2 * at) << 4) | digit(2 * at + 1);
  return bytes;
}

function digit(at: number): number {
  const code = HEX.charCodeAt(at);
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
