/** RFC 7515, appendix C. */
export function base64url(bytes: ArrayBuffer | Uint8Array): string {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const encoder = typeof TextEncoder === "function" ? new TextEncoder() : undefined;

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return (encoder ?? new TextEncoder()).encode(text);
}
