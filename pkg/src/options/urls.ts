/** Origins and URLs among the options. */

import type { CoreOrigin } from "../core/contract.js";
import { invalidOption, redactUrl } from "../error.js";
import { bare, wrong } from "./values.js";
import { URL } from "../platform/builtins.js";
import { isPrivateHttp, isSecure } from "./secure-url.js";

/** Which addresses may have secrets. */
export interface Transport {
  readonly allows: (url: URL) => boolean;
  /** In words. */
  readonly rule: string;
  /** Whether that is http in a network, which others there can read. */
  readonly isLax: boolean;
}

/** `allowsHttp` is for development: it counts on a page that came over http itself. */
export function transport(page: URL | undefined, allowsHttp: boolean): Transport {
  const isLax = allowsHttp && page?.protocol === "http:";
  return isLax
    ? { allows: (url) => isSecure(url) || isPrivateHttp(url), rule: "https, or http on localhost or a private network", isLax }
    : { allows: isSecure, rule: "https, or http on localhost", isLax };
}

export function originList(value: unknown, where: string, transport: Transport): CoreOrigin[] {
  if (!Array.isArray(value)) throw wrong(where, 'must be an array of origins such as ["https://api.example.com"]', value);
  return value.map((entry: unknown, index) => originValue(entry, `${where}[${String(index)}]`, transport));
}

function originValue(value: unknown, where: string, transport: Transport): CoreOrigin {
  const rule = `must be an origin such as "https://api.example.com", with a path prefix if need be (${transport.rule})`;
  if (typeof value !== "string") throw wrong(where, rule, value);
  const url = parse(value, undefined);
  if (url === undefined) throw invalidOption(where, `${rule}; it is no absolute URL`);
  if (!transport.allows(url)) throw invalidOption(where, `${rule}, not ${redactUrl(url)}`);
  if (hasUserinfo(url) || value.includes("?") || value.includes("#")) {
    throw invalidOption(where, `${rule}, without user name, query and fragment`);
  }
  if (/%2f|%5c/i.test(url.pathname)) throw invalidOption(where, `${rule}, without an encoded slash in the path`);
  return originOf(url);
}

/** The page's own origin where it may have tokens at all; a page on plain http or with an origin of its own kind may not. */
export function ownOrigin(page: URL | undefined, transport: Transport): CoreOrigin[] {
  return page !== undefined && transport.allows(page) ? [originOf(new URL("/", page))] : [];
}

function originOf({ protocol, host, pathname }: URL): CoreOrigin {
  return bare({ protocol, host, pathname });
}

export interface UrlReader {
  readonly page: URL | undefined;
  readonly transport: Transport;
  readonly endpoint: (value: unknown, where: string) => string;
  readonly callback: (value: unknown, where: string) => string;
}

export function urlReader(href: string | undefined, allowsHttp: boolean): UrlReader {
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
  const used = transport(page, allowsHttp);
  return {
    page,
    transport: used,

    endpoint(value, where) {
      const rule = `must be a URL (${used.rule})`;
      const url = resolve(value, where, rule);
      if (!used.allows(url)) throw invalidOption(where, `${rule}, not ${redactUrl(url)}`);
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
