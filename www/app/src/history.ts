import { createBrowserHistory, type History, type LocationDescriptor } from "history";

/** The path under which the app is served. */
const BASE = import.meta.env.BASE_URL;

/** A path of this origin, as the router knows it. */
export function routeOf(path: string): string {
  return path.startsWith(BASE) ? `/${path.slice(BASE.length)}` : path;
}

/**
 * The browser's history, with the demo's settings kept in the query on every navigation: a reload on another page must
 * find them again.
 */
export function createAppHistory(query: string): History {
  const history = createBrowserHistory({ basename: BASE });
  const push = history.push.bind(history);
  const replace = history.replace.bind(history);
  history.push = (to: LocationDescriptor, state?: unknown) => {
    push(withQuery(to, query), state);
  };
  history.replace = (to: LocationDescriptor, state?: unknown) => {
    replace(withQuery(to, query), state);
  };
  return history;
}

function withQuery(to: LocationDescriptor, query: string): LocationDescriptor {
  if (typeof to === "string") return to.includes("?") || to.includes("#") ? to : to + query;
  return { ...to, search: to.search || query };
}
