import type { Originals } from "./originals.js";

/**
 * A core's bytes, inlined as a text, so that no bundler needs to know about them.
 *
 * In hexadecimal digits: they pass every minifier and every charset unchanged, and current engines read them in one
 * native call. The bytes as characters are 2 % less under brotli where a bundler leaves them as they are, and 7 % more
 * where it writes ASCII only, as esbuild does by default.
 */
export function bytesOf(hex: string, original: Pick<Originals, "fromHex" | "Uint8Array">): Uint8Array<ArrayBuffer> {
  if (original.fromHex !== undefined) return original.fromHex(hex);
  // A plain loop: it runs once, before the engine has optimised anything, over some hundred thousand digits.
  const bytes = new original.Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (digit(hex, 2 * at) << 4) | digit(hex, 2 * at + 1);
  return bytes;
}

function digit(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
