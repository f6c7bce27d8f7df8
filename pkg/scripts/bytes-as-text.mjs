// The wasm as a string literal that every bundler passes through, and that compresses nearly as well as the
// bytes do: each byte is always written in the same way, so what repeats among the bytes repeats in the text.
// Under brotli that costs 2.5 %, where hex costs 7 % and base64, which destroys the alignment, 33 %.

/** Printable ASCII, without what means something within quotes, a template or a page: no tool has to escape any of it. */
export const ALPHABET = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).filter((character) => !"\"'`\\$<".includes(character)).join("");

/**
 * Low bytes, most of a wasm, are one character. Others are two, and the first of the two, which is one of the first two
 * of the alphabet, says by how much the second is lifted. `src/core-wasm.ts` reads it.
 *
 * @param {Uint8Array} bytes
 */
export function bytesAsText(bytes) {
  const [once, twice, ...plain] = ALPHABET;
  const shifts = ["", once, twice];
  return Array.from(bytes, (byte) => shifts[Math.floor(byte / plain.length)] + plain[byte % plain.length]).join("");
}
