/**
 * What the core's modules call of the platform where tokens pass, as it was when the facade was loaded: see originals.ts.
 *
 * They are loaded later than the facade, perhaps later than scripts that replace built-ins, so they take none of these
 * from the global object: the facade gives them this object (forms.ts).
 */
/* eslint-disable @typescript-eslint/unbound-method -- taken off on purpose */
import { create, follow, getter, Promise, resolve, uncurried } from "../platform/originals.js";

const { WebAssembly } = globalThis as { WebAssembly?: typeof globalThis.WebAssembly };
const { apply, get, set } = Reflect;
const { ArrayBuffer, Int8Array, Int16Array, Int32Array, Uint8Array, Uint16Array, Uint32Array } = globalThis;
const { BigInt64Array, Float32Array, Float64Array, BroadcastChannel, Headers, TextDecoder, TextEncoder } = globalThis;
// Newer than the types here.
const { hasOwn } = Object as unknown as { hasOwn(object: object, name: string): boolean };
const { FinalizationRegistry } = globalThis as { FinalizationRegistry?: new (clean: (held: unknown) => void) => object };
const { fromHex } = Uint8Array as { readonly fromHex?: (hex: string) => Uint8Array<ArrayBuffer> };

export const originals = {
  create, follow, resolve, Promise, apply, get, set, hasOwn,
  parse: JSON.parse,
  stringify: JSON.stringify,
  ArrayBuffer, Int8Array, Int16Array, Int32Array, Uint8Array, Uint16Array, Uint32Array, BigInt64Array, Float32Array, Float64Array,
  BroadcastChannel, FinalizationRegistry, Headers, TextDecoder, TextEncoder,

  push: member("Array", "push"),
  getItem: member("Storage", "getItem"),
  setItem: member("Storage", "setItem"),
  body: member("Response", "body"),
  clone: member("Response", "clone"),
  headers: member("Response", "headers"),
  status: member("Response", "status"),
  type: member("Response", "type"),
  getReader: member("ReadableStream", "getReader"),
  read: member("ReadableStreamDefaultReader", "read"),
  cancel: member("ReadableStreamDefaultReader", "cancel"),
  byteLength: getter(Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array, "byteLength"),
  postMessage: member("BroadcastChannel", "postMessage"),
  getRandomValues: member("Crypto", "getRandomValues"),
  register: member("FinalizationRegistry", "register"),
  data: member("MessageEvent", "data"),
  decode: member("TextDecoder", "decode"),
  encodeInto: member("TextEncoder", "encodeInto"),
  /** The JavaScript form of the core has a memory that is no `WebAssembly.Memory`. */
  buffer: member("Memory", "buffer", WebAssembly),
  copyBytes: uncurried(Int8Array.prototype.set),

  fromHex: fromHex?.bind(Uint8Array),
  /** `undefined` where there is no WebAssembly. */
  compile: WebAssembly?.compile,
  instantiate: WebAssembly?.instantiate as ((module: WebAssembly.Module, imports: WebAssembly.Imports) => Promise<WebAssembly.Instance>) | undefined,
  exportsOf: getter(WebAssembly?.Instance.prototype, "exports"),
};

export type Originals = typeof originals;

/** A method or a property of all objects of a class. What only behaves like one, a polyfill, is asked itself. */
function member(className: string, name: string, scope: object = globalThis): (self: object, ...args: unknown[]) => unknown {
  const Class = (scope as Record<string, (new () => object) | undefined>)[className];
  const property: PropertyDescriptor | undefined = Class && Object.getOwnPropertyDescriptor(Class.prototype, name);
  const original = (property?.get ?? property?.value) as () => unknown;
  return (self, ...args) => {
    if (Class && self instanceof Class) return apply(original, self, args) as unknown;
    const own = (self as Record<string, unknown>)[name];
    return typeof own === "function" ? (apply(own as () => unknown, self, args) as unknown) : own;
  };
}
