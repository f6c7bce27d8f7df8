/** What relative URLs start from, or `undefined` where there is no page: on a server. */
export function pageBase(): string | undefined {
  const page = pageUrl();
  return page === undefined || typeof document === "undefined" ? page : document.baseURI;
}

/** The page's own URL (a worker's: its script's), or `undefined` on a server. */
export function pageUrl(): string | undefined {
  return typeof location === "object" && location !== null && typeof location.href === "string" ? location.href : undefined;
}

/** Reports what a listener threw, as the platform reports an uncaught error. */
export function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
}
