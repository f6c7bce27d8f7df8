import { PACKED, UNPACKER } from "../generated/packed-core.js";

const PAGE_BYTES = 65_536;

/** What `unpack.wasm` exports: see `xtask/pack`. */
interface Unpacker {
  readonly memory: WebAssembly.Memory;
  /** Writes the module behind the text, which is at `text` and of `length` characters, and gives how long it is. */
  readonly unpack: (text: number, length: number) => number;
}

/**
 * The core as WebAssembly, inlined as a text, so that no bundler needs to know about it. The text is laid out to
 * compress well; a small module of its own reads it, for JavaScript that runs for the first time would be slow.
 */
export function wasmBytes(): Uint8Array<ArrayBuffer> {
  const module = new WebAssembly.Module(fromHex(UNPACKER));
  const { memory, unpack } = new WebAssembly.Instance(module).exports as unknown as Unpacker;
  const text = memory.buffer.byteLength;
  const length = PACKED.length;
  memory.grow(Math.ceil((3 * length) / PAGE_BYTES));
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(new TextEncoder().encode(PACKED), text);
  const start = text + length;
  return bytes.subarray(start, start + unpack(text, length));
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}
