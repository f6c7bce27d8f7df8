/** What the core calls of the platform where tokens pass, as it was: see originals.ts. For generated/glue.js alone. */
/* eslint-disable @typescript-eslint/unbound-method -- taken off on purpose */
import { Promise } from "./originals.js";

export { create, follow, resolve } from "./originals.js";
export { Promise };
// Newer than the types here.
export const { hasOwn } = Object as unknown as { hasOwn(object: object, name: string): boolean };
export const { parse } = JSON;
export const { apply, get, set } = Reflect;
export const { BigInt64Array, Float64Array, Int32Array, Uint8Array } = globalThis;

export const push = member("Array", "push");
export const getItem = member("Storage", "getItem");
export const setItem = member("Storage", "setItem");
export const clone = member("Response", "clone");
export const postMessage = member("BroadcastChannel", "postMessage");
export const getRandomValues = member("Crypto", "getRandomValues");
export const register = member("FinalizationRegistry", "register");
export const data = member("MessageEvent", "data");
export const decode = member("TextDecoder", "decode");
export const encodeInto = member("TextEncoder", "encodeInto");
/** The JavaScript form of the core has a memory that is no `WebAssembly.Memory`. */
export const buffer = member("Memory", "buffer", globalThis.WebAssembly);

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
