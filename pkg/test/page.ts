/** A page for code that runs in Node: as much of `document`, `location`, `history` and `sessionStorage` as the facade touches. */
export interface FakePage {
  /** Shows `url`, as the browser does before any script runs. */
  open(url: string): void;
  readonly url: string;
  /** What a `<base>` in the page says. */
  base: string | undefined;
  readonly entries: { state: unknown; url: string }[];
  readonly left: string[];
  readonly store: Map<string, string>;
  close(): void;
}

export function openPage(url: string): FakePage {
  let href = url;
  const page: FakePage = {
    open(next) {
      href = next;
      page.entries.push({ state: { key: page.entries.length }, url: next });
    },
    get url() {
      return href;
    },
    base: undefined,
    entries: [{ state: { key: 0 }, url }],
    left: [],
    store: new Map(),
    close() {
      for (const name of NAMES) Reflect.deleteProperty(globalThis, name);
    },
  };
  const globals: Record<(typeof NAMES)[number], unknown> = {
    document: {
      get baseURI() {
        return page.base === undefined ? href : new URL(page.base, href).href;
      },
    },
    location: {
      get href() {
        return href;
      },
      get origin() {
        return new URL(href).origin;
      },
      assign: (next: string) => page.left.push(`assign ${next}`),
      replace: (next: string) => page.left.push(`replace ${next}`),
      reload: () => page.left.push("reload"),
    },
    history: {
      get state() {
        return page.entries.at(-1)?.state;
      },
      replaceState(state: unknown, _title: string, next: string) {
        href = next;
        page.entries[page.entries.length - 1] = { state, url: next };
      },
    },
    sessionStorage: { getItem: (key: string) => page.store.get(key) ?? null },
  };
  for (const name of NAMES) Object.defineProperty(globalThis, name, { value: globals[name], configurable: true, writable: true });
  return page;
}

const NAMES = ["document", "location", "history", "sessionStorage"] as const;
