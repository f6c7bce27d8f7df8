/** Every kind of request body that can be sent a second time, and the bytes that each must arrive as. */
export interface BodyKind {
  readonly kind: string;
  readonly make: () => BodyInit;
  /** The exact bytes of `make()`. The multipart boundary is known from the content type that arrived only. */
  readonly bytes: (contentType: string) => Promise<ArrayBuffer>;
}

const TEXT = "Pass the hall: ünïcode ✓ and\r\nline ends\n";
const FIELDS = { reason: "library & back", minutes: "15" };

export const bodyKinds: readonly BodyKind[] = [
  plain("string", () => TEXT),
  plain("URLSearchParams", () => new URLSearchParams(FIELDS)),
  { kind: "FormData", make: formData, bytes: (contentType) => new Response(multipart(contentType)).arrayBuffer() },
  plain("Blob", () => new Blob([TEXT, pattern(3000)], { type: "application/x-pass" })),
  plain("ArrayBuffer", () => pattern(65_536).buffer),
  // All of its buffer: axios sends the whole buffer of a view, whatever part the view shows.
  plain("Uint8Array", () => pattern(1000)),
];

/** SHA-256 in lower-case hex. */
export async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function plain(kind: string, make: () => BodyInit): BodyKind {
  return { kind, make, bytes: () => new Response(make()).arrayBuffer() };
}

/** Every byte value, in an order that shows a lost or moved byte. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
}

function formData(): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(FIELDS)) form.append(name, value);
  form.append("pass", new Blob([pattern(2048)], { type: "application/octet-stream" }), "pass.bin");
  return form;
}

/** `formData()` as the HTML standard encodes it. */
function multipart(contentType: string): Blob {
  const boundary = /boundary=("?)([^";]+)\1/.exec(contentType)?.[2] ?? "";
  const fields = Object.entries(FIELDS).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file =
    `--${boundary}\r\nContent-Disposition: form-data; name="pass"; filename="pass.bin"\r\n` +
    "Content-Type: application/octet-stream\r\n\r\n";
  return new Blob([...fields, file, pattern(2048), `\r\n--${boundary}--\r\n`]);
}
