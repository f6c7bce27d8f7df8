import type { Originals } from "./originals.js";

/** What the build makes of wasm-bindgen's glue (scripts/glue.mjs): the JavaScript half of one core. */
export interface Glue {
  /** What the core calls. */
  readonly imports: Imports;
  /** What calls the core: its class and functions, once started. */
  readonly core: object;
  /** Connects the two. */
  start(exports: Exports): void;
  /** Forgets its views of the memory: for a form of the core whose memory moves when it grows. */
  grown(): void;
}

/** `call` runs a function that the core gave away (a timer's, a listener's, a promise's) and gives what it gives. */
export type CreateGlue = (call: (run: () => unknown) => unknown, original: Originals) => Glue;

export type Imports = Record<string, Record<string, (...args: never[]) => unknown>>;
export type Exports = Readonly<Record<string, unknown>>;
