/*
 * The page's query, which configures the demo (`settings.ts`). A provider leads back to the bare page with a query of its
 * own: for that way, the tab keeps ours.
 */

const KEY = "demo-query";

const isCallback = ["code", "error"].some((name) => new URLSearchParams(location.search).has(name));

export const settingsQuery: string = isCallback ? takeQuery() : location.search;

/** Before the page is left for the provider. */
export function keepQuery(): void {
  try {
    sessionStorage.setItem(KEY, settingsQuery);
  } catch {
    // Without storage there is no sign-in by redirect either: it says so itself.
  }
}

function takeQuery(): string {
  try {
    const query = sessionStorage.getItem(KEY) ?? "";
    sessionStorage.removeItem(KEY);
    return query;
  } catch {
    return "";
  }
}
