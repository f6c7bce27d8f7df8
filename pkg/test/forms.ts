/** The memory of the last instance of the core, and the way to it. */
export interface Form {
  readonly name: string;
  /** Called before the package is imported; returns what undoes it. */
  prepare(found: (memory: { readonly buffer: ArrayBuffer }) => void): () => void;
}

export const FORMS: readonly Form[] = [
  {
    name: "WebAssembly",
    prepare(found) {
      const { instantiate } = WebAssembly;
      Object.assign(WebAssembly, {
        instantiate: async (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
          const instance = await instantiate(module, imports);
          found(instance.exports.memory as WebAssembly.Memory & { buffer: ArrayBuffer });
          return instance;
        },
      });
      return () => Object.assign(WebAssembly, { instantiate });
    },
  },
  {
    name: "JavaScript",
    prepare(found) {
      // What a Content-Security-Policy without 'wasm-unsafe-eval' does.
      const { compile } = WebAssembly;
      const refused = new WebAssembly.CompileError("Refused to compile or instantiate WebAssembly module");
      Object.assign(WebAssembly, { compile: () => Promise.reject(refused) });
      // Its memory is the one large buffer that it makes, or the next one, when it grows.
      const { ArrayBuffer } = globalThis;
      class Watched extends ArrayBuffer {
        constructor(length: number) {
          super(length);
          if (length >= 65_536) found({ buffer: this });
        }
      }
      Object.assign(globalThis, { ArrayBuffer: Watched });
      return () => {
        Object.assign(WebAssembly, { compile });
        Object.assign(globalThis, { ArrayBuffer });
      };
    },
  },
];
