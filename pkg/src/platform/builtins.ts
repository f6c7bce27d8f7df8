/**
 * The platform as it was when this module was loaded: code that patches a built-in later never sees a
 * token. (Code that ran earlier has won already, and can read everything anyway.)
 *
 * Everything may be missing: importing must not fail on any runtime.
 */

import { getter, uncurried } from "./originals.js";

export { pageBase, pageUrl, report } from "./page.js";

const NativeURL = globalThis.URL;
const NativeHeaders = globalThis.Headers;
const NativeRequest = globalThis.Request;

export { NativeHeaders as Headers, NativeRequest as Request, NativeURL as URL };

/** The browser's own `fetch`, callable without its global. */
export const nativeFetch: typeof fetch =
  typeof globalThis.fetch === "function"
    ? globalThis.fetch.bind(globalThis)
    : () => Promise.reject(new TypeError("This runtime has no fetch."));

/* eslint-disable @typescript-eslint/unbound-method -- taken off on purpose, to be bound to `call` */
export const getHeader = uncurried(NativeHeaders?.prototype.get);
export const hasHeader = uncurried(NativeHeaders?.prototype.has);
export const setHeader = uncurried(NativeHeaders?.prototype.set);
export const cloneRequest = uncurried(NativeRequest?.prototype.clone);
export const hasOwn = uncurried(Object.prototype.hasOwnProperty);
/** `[object FormData]` and the like: tells platform objects apart, whatever realm they come from. */
export const tagOf = uncurried(Object.prototype.toString);

/* eslint-enable @typescript-eslint/unbound-method */
export const headersOf = getter(NativeRequest?.prototype, "headers");
const readRequestUrl = getter(NativeRequest?.prototype, "url");

/**
 * The URL of `value` where it is a `Request` (of any realm, even one whose `url` was replaced), else `undefined`. What
 * only looks like one, by its prototype or through a proxy, the platform sends to the address that its text is.
 */
export function requestUrl(value: object): string | undefined {
  try {
    return readRequestUrl(value as Request);
  } catch {
    return undefined;
  }
}
