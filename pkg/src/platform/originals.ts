/**
 * The platform's functions that tokens pass through, as they were when this module was loaded: what is put in their
 * place later sees none. SECURITY.md has the list, and a test holds it to that. What a runtime lacks fails where it is
 * called, and not before.
 *
 * There is no `then` here: `await` does without it, whatever stands there, for the engine's own promises. An async
 * function that returns a promise calls it: `return await`.
 */

/* eslint-disable @typescript-eslint/unbound-method -- taken off on purpose */
const { call } = Function.prototype;
const { getOwnPropertyDescriptor } = Object;

export const { assign, create, keys } = Object;
export const { isArray } = Array;

const NativePromise = Promise;
export { NativePromise as Promise };
export const resolve = NativePromise.resolve.bind(NativePromise);

export function ignore(): undefined {
  return undefined;
}

/** `promise.then(onValue, onError)`, without `then`. */
export async function follow<T, R, S>(
  promise: PromiseLike<T>,
  onValue: (value: T) => R,
  onError: (reason: unknown) => S,
): Promise<Awaited<R> | Awaited<S>> {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return await onError(error);
  }
  return await onValue(value);
}

/** `method.call(self, …)` as a function of its own: later patches of the prototype, or of `call`, do not reach it. */
export function uncurried<This, Args extends unknown[], Result>(
  method: ((this: This, ...args: Args) => Result) | undefined,
): (self: This, ...args: Args) => Result {
  return method === undefined ? missing : (call.bind(method) as (self: This, ...args: Args) => Result);
}

/** The same for a property that the platform reads by a function. */
export function getter<T extends object, K extends keyof T>(prototype: T | undefined, name: K): (self: T) => T[K] {
  return uncurried(prototype && (getOwnPropertyDescriptor(prototype, name)?.get as ((this: T) => T[K]) | undefined));
}

function missing(): never {
  throw new TypeError("This runtime lacks a function of the platform.");
}
