import init, * as glue from "../generated/core.js";
import { WASM_HEX } from "../generated/wasm-hex.js";
import type { CoreModule } from "./core.js";

/**
 * Instantiates the WebAssembly core, which is inlined as hex, so that no bundler needs to know about it.
 * The only file that names what the build generates; it becomes a file of its own, `core.js`.
 */
export async function instantiate(): Promise<CoreModule> {
  await init({ module_or_path: fromHex(WASM_HEX) });
  return glue as unknown as CoreModule;
}

/** Hex survives compression better than base64, which destroys the byte alignment. */
function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = (digit(hex.charCodeAt(2 * at)) << 4) | digit(hex.charCodeAt(2 * at + 1));
  }
  return bytes;
}

/** 0–9 are 48–57, a–f are 97–102. */
function digit(code: number): number {
  return code > 57 ? code - 87 : code - 48;
}
