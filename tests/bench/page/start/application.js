import { reporting } from "../report.js";

/**
 * The smallest application: shows something, then asks its API for what it shows next. Reports when the request was
 * sent and when the page was first painted, in milliseconds after the first byte of the page: a new context starts a
 * process of the browser's before that.
 */
export function application(fetch, url = "/api/items") {
  document.body.append("Items");
  reporting(async () => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the API answers with ${response.status}`);
    await response.text();
    const sent = await entry("resource", ({ name }) => name.endsWith(url));
    const painted = await entry("paint", ({ name }) => name === "first-contentful-paint");
    const { responseStart } = await entry("navigation", () => true);
    return { sent: sent.startTime - responseStart, painted: painted.startTime - responseStart };
  });
}

/** The first entry of the page's timeline that `isWanted` takes, where need be later. */
function entry(type, isWanted) {
  return new Promise((resolve) => {
    const observer = new PerformanceObserver((list) => {
      const found = list.getEntries().find(isWanted);
      if (found !== undefined) resolve(found);
    });
    observer.observe({ type, buffered: true });
  });
}
