import { apiOrigin, foreignOrigin } from "../origins";
import type { WireCount } from "./report";

/** The browser tells of a request a moment after its answer. */
const SETTLE = 120;

/** Preparation for what is to be seen, not part of it. */
const NOT_COUNTED = "/me/invalidate-access-tokens";

/** The API's own, and its provider's. */
const TOKEN_ENDPOINTS = ["/token", "/oidc/token"];

/** Counts what the browser really sends, by its resource timing. Ends, with the count, when the function it returns is called. */
export function watchWire(): () => Promise<WireCount> {
  const entries: PerformanceEntry[] = [];
  const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
  observer.observe({ type: "resource" });
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, SETTLE));
    entries.push(...observer.takeRecords());
    observer.disconnect();
    return count(entries.map((entry) => entry.name));
  };
}

function count(urls: readonly string[]): WireCount {
  const ours = urls.map((url) => new URL(url)).filter(({ origin }) => origin === apiOrigin || origin === foreignOrigin);
  const refreshes = ours.filter(({ pathname }) => TOKEN_ENDPOINTS.includes(pathname)).length;
  const requests = ours.filter(({ pathname }) => !TOKEN_ENDPOINTS.includes(pathname) && pathname !== NOT_COUNTED).length;
  return { requests, refreshes };
}
