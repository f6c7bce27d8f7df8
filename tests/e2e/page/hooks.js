/*
 * Runs inside the page, before every other script: watches what the page lets out, and which secrets it holds.
 * A classic script, so that nothing of the page comes first. `window.e2e` is its door for the tests.
 *
 * It passes everything through unchanged. What it saw outlives a navigation in one localStorage entry, which
 * is taken out again before the next page's scripts run.
 */
(() => {
  "use strict";
  const KEPT = "e2e.kept";

  /** What the page told the world: { kind, text }. */
  let seen = [];
  /** Strings that must never be in there: { kind, value }. */
  let secrets = [];
  /** Requests as they were handed to the browser, oldest first: { client, url, authorization }; `isOver`: fetch is through. */
  const sent = [];
  /** Changes of the watched session, oldest first. */
  const changes = [];

  let isLeaving = false;

  takeKept();
  addEventListener("beforeunload", () => (isLeaving = true));
  addEventListener("pageshow", () => (isLeaving = false));
  addEventListener("pagehide", () => {
    notePending();
    if (seen.length > 0 || secrets.length > 0) keep();
  });

  // ── what a test takes away: before the package is loaded, for it keeps the platform as it is then ──

  /** While `window.e2e.isFull`, no store takes anything. */
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (...item) {
    if (window.e2e.isFull) throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
    return setItem.apply(this, item);
  };
  if (new URLSearchParams(location.search).has("without-random")) delete Crypto.prototype.getRandomValues;

  // ── what comes out ──

  for (const level of ["debug", "log", "info", "warn", "error", "trace", "dir", "table", "assert"]) {
    const original = console[level];
    console[level] = function (...args) {
      observe(`console.${level}`, args.map(textOf).join(" "));
      return original.apply(this, args);
    };
  }
  addEventListener("error", (event) => {
    observe("error", `${event.message} ${event.filename} ${textOf(event.error)}`);
  });
  addEventListener("unhandledrejection", (event) => {
    // Leaving a page cuts off what it was still loading: in Firefox and WebKit its imports fail then.
    const isCutOff = isLeaving && /dynamically imported module|importing a module script/i.test(event.reason?.message);
    observe(isCutOff ? "import cut off" : "unhandledrejection", textOf(event.reason));
  });
  document.addEventListener("securitypolicyviolation", (event) => {
    const { violatedDirective, blockedURI, sourceFile, sample } = event;
    observe("csp", JSON.stringify({ violatedDirective, blockedURI, sourceFile, sample }));
  });

  // ── which secrets there are ──

  const nativeFetch = window.fetch;
  window.fetch = function (...args) {
    const one = noteSent(...args);
    const answer = nativeFetch.apply(this, args);
    const isOver = () => Object.assign(one, { isOver: true });
    answer.then(isOver, isOver);
    answer.then(noteTokens, () => undefined);
    return answer;
  };

  const { open, setRequestHeader, send } = XMLHttpRequest.prototype;
  const requests = new WeakMap();
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    requests.set(this, { client: "xhr", url: resolved(url), authorization: null });
    return open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
    if (name.toLowerCase() === "authorization") requests.get(this).authorization = value;
    return setRequestHeader.call(this, name, value);
  };
  XMLHttpRequest.prototype.send = function (...args) {
    sent.push(requests.get(this));
    return send.apply(this, args);
  };

  /** What the browser is asked to send: also where no server can be there to tell what arrived. */
  function noteSent(input, init) {
    const isRequest = input instanceof Request;
    const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined));
    const one = { client: "fetch", url: isRequest ? input.url : resolved(input), authorization: headers.get("Authorization"), isOver: false };
    sent.push(one);
    return one;
  }

  function resolved(url) {
    try {
      return new URL(url, document.baseURI).href;
    } catch {
      return String(url);
    }
  }

  /** Tokens from the answer of a token endpoint, or the ticket of a second factor, read from a copy. */
  function noteTokens(response) {
    if (!isOfTokens(response)) return;
    response
      .clone()
      .json()
      .then((body) => {
        noteSecret("access token", body?.access_token);
        noteSecret("refresh token", body?.refresh_token);
        noteSecret("ID token", body?.id_token);
        noteSecret("ticket", body?.ticket);
      })
      .catch(() => undefined);
  }

  function isOfTokens({ ok, status, type, url }) {
    if (type === "opaque" || !(ok || status === 401)) return false;
    return /\/(?:auth|token)$/.test(new URL(url).pathname);
  }

  // A redirect brings its tokens in the fragment.
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    if (["access_token", "refresh_token", "state"].includes(name)) noteSecret(name, value);
    else if (value === "") noteSecret("bare token", name);
  }

  // A provider's callback: its code in the query, or in the fragment.
  for (const part of [location.search, location.hash]) {
    const params = new URLSearchParams(part.slice(1));
    for (const name of ["code", "state"]) noteSecret(name, params.get(name));
  }

  /** The state of a sign-in that is under way stands in the pending record. */
  function notePending() {
    try {
      for (const key of Object.keys(sessionStorage)) {
        if (!key.startsWith("hallpass:pending.")) continue;
        for (const [text] of (sessionStorage.getItem(key) ?? "").matchAll(/[A-Za-z0-9_-]{20,}/g)) noteSecret("state", text);
      }
    } catch {
      // a page without storage has no pending sign-in there
    }
  }

  function noteSecret(kind, value) {
    if (typeof value === "string" && value.length >= 16 && !secrets.some((secret) => secret.value === value)) {
      secrets.push({ kind, value });
    }
  }

  // ── errors, to the last property ──

  /** Everything that a log or a crash reporter could get out of a thrown value. */
  function describe(error, depth = 0) {
    if (typeof error !== "object" || error === null) return { value: String(error) };
    const properties = {};
    for (const name of Object.getOwnPropertyNames(error)) {
      if (name !== "cause" && name !== "stack" && !isAnswer(error, name)) properties[name] = plain(error[name], 0, new Set());
    }
    return {
      constructor: error.constructor?.name,
      isError: error instanceof Error,
      name: error.name,
      message: error.message,
      code: error.code,
      retryable: error.retryable,
      status: error.status,
      stack: String(error.stack),
      string: String(error),
      json: attempt(() => JSON.stringify(error)),
      properties,
      cause: error.cause === undefined || depth > 5 ? undefined : describe(error.cause, depth + 1),
    };
  }

  /** What the server said to a sign-in: the application's to read, where it asks for it by name; no listing may have it. */
  function isAnswer(error, name) {
    const isOfSignIn = ["sign_in_rejected", "sign_in_unavailable", "invalid_response"].includes(error.code);
    return name === "answer" && error.name === "AuthError" && isOfSignIn && !Object.keys(error).includes(name);
  }

  function plain(value, depth, known) {
    if (typeof value === "function") return `function ${value.name}`;
    if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : value;
    if (depth > 6 || known.has(value)) return "…";
    known.add(value);
    const copy = Array.isArray(value) ? [] : {};
    for (const name of Object.getOwnPropertyNames(value)) {
      copy[name] = attempt(() => plain(value[name], depth + 1, known));
    }
    return copy;
  }

  function textOf(value) {
    if (typeof value === "string") return value;
    if (value instanceof Error) return JSON.stringify(describe(value));
    return attempt(() => JSON.stringify(plain(value, 0, new Set()))) ?? String(value);
  }

  function attempt(action) {
    try {
      return action();
    } catch (error) {
      return `(${error?.name})`;
    }
  }

  function observe(kind, text) {
    seen.push({ kind, text, path: location.pathname });
  }

  // ── over navigations ──

  function keep() {
    try {
      localStorage.setItem(KEPT, JSON.stringify({ seen, secrets }));
    } catch {
      // no storage, nothing kept
    }
  }

  function takeKept() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null");
      localStorage.removeItem(KEPT);
      if (kept !== null) ({ seen, secrets } = kept);
    } catch {
      // likewise
    }
  }

  // ── the session ──

  /** Logs every change of `auth`, with what an application could see of its errors. */
  function watch(auth) {
    auth.subscribe((session, change) => {
      const error = "error" in change ? describe(change.error) : undefined;
      if (error !== undefined) observe("change", JSON.stringify(error));
      changes.push({ ...change, error, at: Date.now(), session: JSON.parse(JSON.stringify(session)) });
    });
    return auth;
  }

  // The demo app puts itself there before its first await: watched from the very first change on.
  let demo;
  Object.defineProperty(window, "hallpassDemo", {
    configurable: true,
    get: () => demo,
    set: (value) => {
      demo = value;
      watch(value.auth);
    },
  });

  /** All that stays after a sign-out: when it was, and whether the server was told. No secret has room in it. */
  const MARK = /^\{"v":1(,"(began|ended|signedIn|signedOut)":\d{1,16})*\}$/;

  /** How often a session was renewed, while it lives. */
  const NOTE = /^hallpass:generation\..*\.[0-9a-f]{64}$/;

  /** The name of the lock under which this tab, and copies of it, refresh. */
  async function lockName(name = "default") {
    const { group } = JSON.parse(sessionStorage.getItem(`hallpass.${name}`));
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`lock:${group}`));
    const hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    return `hallpass.${name}.refresh.${hash}`;
  }

  /** Every place where a script of this origin could leave something behind. */
  async function stores() {
    const isMark = ([key, text]) =>
      (key.startsWith("hallpass:mark.") && MARK.test(text)) || (NOTE.test(key) && /^\d{1,16} \d{1,16}$/.test(text));
    const read = (storage) => {
      const all = Object.keys(storage).map((key) => [key, storage.getItem(key)]);
      return Object.fromEntries(storage === localStorage ? all.filter((entry) => !isMark(entry)) : all);
    };
    return {
      sessionStorage: read(sessionStorage),
      localStorage: read(localStorage),
      cookie: document.cookie,
      indexedDB: await (indexedDB.databases?.() ?? []),
      caches: typeof caches === "undefined" ? [] : await caches.keys(),
      historyState: history.state ?? null,
      windowName: window.name,
      href: location.href,
    };
  }

  /** Lets a secret out on purpose, from a script of the page's own: what the search for secrets must find. */
  async function leak(place, secret) {
    const error = Object.assign(new Error("x", { cause: new Error("y") }), { config: { headers: { a: [secret] } } });
    if (place === "console") console.log({ deep: [{ secret }] });
    if (place === "console.error") console.error(new Error("x", { cause: new Error(secret) }));
    if (place === "unhandled rejection") void Promise.reject(error);
    if (place === "uncaught error") setTimeout(() => { throw error; }, 0);
    if (place === "thrown") throw error;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }

  window.e2e = {
    leak,
    changes,
    sent,
    watch,
    describe,
    observe,
    stores,
    lockName,
    /** Hands over what was seen since the last time. */
    take() {
      notePending();
      const taken = { seen, secrets };
      seen = [];
      return taken;
    },
  };
})();
