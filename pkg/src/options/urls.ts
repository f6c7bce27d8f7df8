/** Origins and URLs among the options. */

import type { CoreOrigin } from "../core/contract.js";
import { invalidOption, redactUrl } from "../error.js";
import { bare, wrong } from "./values.js";
import { URL } from "../platform/builtins.js";
import { isSecure } from "./secure-url.js";

const SECURE = "https, or http on localhost";

export function originList(value: unknown, where: string): CoreOrigin[] {
  if (!Array.isArray(value)) throw wrong(where, 'must be an array of origins such as ["https://api.example.com"]', value);
  return value.map((entry: unknown, index) => originValue(entry, `${where}[${String(index)}]`));
}

function originValue(value: unknown, where: string): CoreOrigin {
  const rule = `must be an origin such as "https://api.example.com", with a path prefix if need be (${SECURE})`;
  if (typeof value !== "string") throw wrong(where, rule, value);
  const url = parse(value, undefined);
  if (url === undefined) throw invalidOption(where, `${rule}; it is no absolute URL`);
  if (!isSecure(url)) throw invalidOption(where, `${rule}, not ${redactUrl(url)}`);
  if (hasUserinfo(url) || value.includes("?") || value.includes("#")) {
    throw invalidOption(where, `${rule}, without user name, query and fragment`);
  }
  if (/%2f|%5c/i.test(url.pathname)) throw invalidOption(where, `${rule}, without an encoded slash in the path`);
  return originOf(url);
}

/** The page's own origin where it may have tokens at all; a page on plain http or with an origin of its own kind may not. */
export function ownOrigin(page: URL | undefined): CoreOrigin[] {
  return page !== undefined && isSecure(page) ? [originOf(new URL("/", page))] : [];
}

function originOf({ protocol, host, pathname }: URL): CoreOrigin {
  return bare({ protocol, host, pathname });
}

export interface UrlReader {
  readonly page: URL | undefined;
  readonly endpoint: (value: unknown, where: string) => string;
  readonly callback: (value: unknown, where: string) => string;
}

export function urlReader(href: string | undefined): UrlReader {
  // On a server nothing is ever sent: relative URLs only have to be well-formed there.
  const start = href ?? "https://localhost/";

  function resolve(value: unknown, where: string, rule: string): URL {
    const text = urlText(value);
    if (text === undefined) throw wrong(where, rule, value);
    const url = parse(text, start);
    if (url === undefined) throw invalidOption(where, `${rule}; it cannot be parsed`);
    if (hasUserinfo(url)) throw invalidOption(where, `${rule}, without user name and password`);
    return url;
  }

  const page = href === undefined ? undefined : parse(href, undefined);
  return {
    page,

    endpoint(value, where) {
      const rule = `must be a URL (${SECURE})`;
      const url = resolve(value, where, rule);
      if (!isSecure(url)) throw invalidOption(where, `${rule}, not ${redactUrl(url)}`);
      return url.href;
    },

    callback(value, where) {
      const rule = "must be a URL on this page's own origin, or one of this app's own scheme";
      const url = resolve(value, where, rule);
      const foreign = isHttp(url) && page !== undefined && url.origin !== page.origin;
      if (foreign || /^(?:javascript|data|blob|file|about|vbscript|ws|wss|ftp):$/.test(url.protocol)) {
        throw invalidOption(where, rule);
      }
      return urlText(value) ?? url.href;
    },
  };
}

function urlText(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return value instanceof URL ? value.href : undefined;
}

function parse(text: string, base: string | undefined): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

function isHttp(url: URL): boolean {
  return url.protocol === "https:" || url.protocol === "http:";
}

function hasUserinfo(url: URL): boolean {
  return url.username !== "" || url.password !== "";
}
