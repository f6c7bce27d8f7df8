/*
 * A page whose built-ins are replaced after the package was loaded: every function, getter, setter and constructor that
 * can be reached from the global object. Each replacement looks for the mark that is in every token of the test, in what it
 * is given, in what it gives back, and in `this`; it keeps what it saw and looks again later, as a spy would. No hooks.js
 * here, which would itself hand tokens to what is replaced.
 */
(() => {
  "use strict";
  const MARK = "CANARYCANARY";
  const { apply, construct, ownKeys, getOwnPropertyDescriptor, getPrototypeOf, defineProperty } = Reflect;
  const NativeProxy = Proxy;
  const { then } = Promise.prototype;
  const { clone: cloneResponse, text: textOf } = Response.prototype;
  const { clone: cloneRequest } = Request.prototype;
  const getter = (prototype, name) => getOwnPropertyDescriptor(prototype, name).get;
  const isUsed = getter(Response.prototype, "bodyUsed");
  const isRequestUsed = getter(Request.prototype, "bodyUsed");
  const headersOf = getter(Request.prototype, "headers");

  /** While the spy itself is at work, what is replaced is what it was. */
  let isBusy = true;
  const patched = new Set();
  const seen = new Set();
  /** What was seen without a mark, and by whom: objects may get one later. */
  const kept = new Map();

  function note(name, value) {
    if (seen.has(name)) return;
    if (holds(value, 0, new Set(), name)) seen.add(name);
    else if (typeof value === "object" && value !== null) {
      if (!kept.has(value)) kept.set(value, new Set());
      kept.get(value).add(name);
    }
  }

  function lookAgain() {
    for (const [value, names] of [...kept]) {
      const open = [...names].filter((name) => !seen.has(name));
      if (open.length > 0 && holds(value, 0, new Set(), open[0])) for (const name of open) seen.add(name);
    }
  }

  const awaited = new WeakSet();

  function holds(value, depth, known, name) {
    if (typeof value === "string") return value.includes(MARK);
    if (typeof value !== "object" || value === null || depth > 4 || known.has(value)) return false;
    known.add(value);
    const within = (inner) => holds(inner, depth + 1, known, name);
    if (value === window || value instanceof Node || value instanceof Storage) return false;
    if (value instanceof ArrayBuffer) return bytesHold(new Uint8Array(value));
    if (ArrayBuffer.isView(value)) return bytesHold(new Uint8Array(value.buffer));
    if (value instanceof Headers) return within([...value].join());
    if (value instanceof URLSearchParams || value instanceof URL) return within(String(value));
    if (typeof WebAssembly === "object" && value instanceof WebAssembly.Memory) return within(value.buffer);
    if (value instanceof MessageEvent) return within(value.data);
    if (value instanceof Map || value instanceof Set) return [...value].some(within);
    // Whoever has the core asks it.
    if (typeof value.recover === "function" && "current" in value) return true;
    // These tell later.
    if (value instanceof Promise) later(value, name);
    else if (value instanceof Response && !apply(isUsed, value, [])) later(apply(textOf, apply(cloneResponse, value, []), []), name);
    else if (value instanceof Request) {
      if (!apply(isRequestUsed, value, [])) later(apply(textOf, apply(cloneRequest, value, []), []), name);
      return within(apply(headersOf, value, []));
    } else if (value instanceof ReadableStream || value instanceof ReadableStreamDefaultReader) {
      // Whoever has one of these reads what it likes.
      return ownStreams.has(value);
    }
    for (const key of ownKeys(value)) {
      const descriptor = getOwnPropertyDescriptor(value, key);
      if ("value" in descriptor && within(descriptor.value)) return true;
    }
    return false;
  }

  function bytesHold(bytes) {
    const first = MARK.charCodeAt(0);
    for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
      let length = 1;
      while (length < MARK.length && bytes[at + length] === MARK.charCodeAt(length)) length += 1;
      if (length === MARK.length) return true;
    }
    return false;
  }

  function later(promise, name) {
    if (awaited.has(promise)) return;
    awaited.add(promise);
    const look = (value) => {
      quietly(() => note(name, value));
    };
    apply(then, promise, [look, () => undefined]);
  }

  function quietly(run) {
    const was = isBusy;
    isBusy = true;
    try {
      return run();
    } finally {
      isBusy = was;
    }
  }

  /** Bodies of the answers with tokens in them. */
  const ownStreams = new Set();
  const nativeFetch = window.fetch;
  const bodyOf = getter(Response.prototype, "body");
  window.fetch = async (...args) => {
    const was = isBusy;
    isBusy = true;
    try {
      const answer = apply(nativeFetch, window, args);
      isBusy = was;
      const response = await answer;
      isBusy = true;
      if (/\/(?:auth|token)$/.test(response.url)) ownStreams.add(apply(bodyOf, response, []));
      return response;
    } finally {
      isBusy = was;
    }
  };

  function spyOn(name, original) {
    patched.add(name);
    const look = (self, args) => {
      note(name, self);
      for (let at = 0; at < args.length; at += 1) note(name, args[at]);
    };
    return function (...args) {
      if (isBusy) return new.target === undefined ? apply(original, this, args) : construct(original, args, new.target);
      quietly(() => look(this, args));
      const result = apply(original, this, args);
      quietly(() => note(name, result));
      return result;
    };
  }

  function spyOnClass(name, original) {
    patched.add(name);
    const looking = (args, make) => {
      if (isBusy) return make();
      quietly(() => args.forEach((value) => note(name, value)));
      const result = make();
      quietly(() => note(name, result));
      return result;
    };
    return new NativeProxy(original, {
      apply: (target, self, args) => looking(args, () => apply(target, self, args)),
      construct: (target, args, newTarget) => looking(args, () => construct(target, args, newTarget)),
    });
  }

  const nameOf = (owner, key) => `${owner}${typeof key === "symbol" ? `[${key.description}]` : `.${key}`}`;

  function patchMembers(owner, object) {
    for (const key of ownKeys(object)) {
      if (key === "constructor" || key === "prototype") continue;
      const { configurable, writable, value, get, set, ...rest } = getOwnPropertyDescriptor(object, key);
      const name = nameOf(owner, key);
      if (typeof value === "function" && (configurable || writable)) {
        defineProperty(object, key, configurable ? { configurable, writable, ...rest, value: spyOn(name, value) } : { value: spyOn(name, value) });
      } else if (configurable && (get !== undefined || set !== undefined)) {
        defineProperty(object, key, { configurable, ...rest, get: get && spyOn(name, get), set: set && spyOn(name, set) });
      }
    }
  }

  const isClass = (value) => typeof value === "function" && (value === Function || (typeof value.prototype === "object" && value.prototype !== null));

  function patchAll() {
    const iterators = {
      ArrayIterator: [][Symbol.iterator](),
      StringIterator: ""[Symbol.iterator](),
      MapIterator: new Map()[Symbol.iterator](),
      SetIterator: new Set()[Symbol.iterator](),
      HeadersIterator: new Headers()[Symbol.iterator](),
      URLSearchParamsIterator: new URLSearchParams()[Symbol.iterator](),
    };
    const hidden = Object.entries(iterators).map(([name, iterator]) => [`${name}.prototype`, getPrototypeOf(iterator)]);
    hidden.push(["TypedArray.prototype", getPrototypeOf(Uint8Array.prototype)], ["TypedArray", getPrototypeOf(Uint8Array)]);
    const globals = ownKeys(window).filter((key) => typeof key === "string" && !/^(?:patched|window|self|frames|parent|top|webkit.*|cdc_.*)$/i.test(key));
    const found = [];
    for (const key of globals) {
      const descriptor = getOwnPropertyDescriptor(window, key);
      if (!("value" in descriptor)) continue;
      found.push([key, descriptor]);
    }
    const isOfDocument = ({ value }) => isClass(value) && (value === Node || value.prototype instanceof Node || /^(?:CSS|SVG|WebGL|GPU|RTC|Audio)/.test(value.name));
    for (const [key, descriptor] of found) {
      const { value } = descriptor;
      if (isOfDocument(descriptor)) continue;
      if (isClass(value)) {
        patchMembers(key, value);
        patchMembers(`${key}.prototype`, value.prototype);
      } else if (typeof value === "object" && value !== null && getPrototypeOf(value) === Object.prototype) {
        patchMembers(key, value);
      }
    }
    if (typeof WebAssembly === "object") {
      patchMembers("WebAssembly.Memory.prototype", WebAssembly.Memory.prototype);
      patchMembers("WebAssembly.Instance.prototype", WebAssembly.Instance.prototype);
    }
    for (const [name, object] of hidden) patchMembers(name, object);
    for (const [key, descriptor] of found) {
      const { value, configurable, writable } = descriptor;
      if (typeof value !== "function" || isOfDocument(descriptor) || !(configurable || writable)) continue;
      window[key] = isClass(value) ? spyOnClass(key, value) : spyOn(key, value);
    }
    isBusy = false;
  }

  /**
   * What an application does in a session, with each step's leftovers looked at. `isEarly`: built-ins are replaced when the
   * package is there and its core is not.
   */
  async function run(options, { isApplication = false, isEarly = false }) {
    isBusy = true;
    const hallpass = await import("/hallpass/index.js");
    let auth;
    const open = async () => {
      auth = hallpass.createAuth(options);
      await auth.ready;
    };
    if (!isEarly) await open();
    const { default: axios } = await import("/axios.js");
    const client = axios.create();
    const { attachAxios } = await import("/hallpass/axios.js");
    if (!isEarly) attachAxios(client, auth);
    const NativeRequest = Request;
    const NativeHeaders = Headers;
    patchAll();
    if (isEarly) await open();

    const steps = {
      signIn: () => auth.signIn({ username: "ada", password: "a password" }),
      token: async () => void (await auth.token()),
      authorization: async () => void (await auth.authorization("/data")),
      fetch: () => auth.fetch("/data"),
      fetchWithHeaders: () => auth.fetch("/data", { headers: new NativeHeaders({ "X-A": "1" }) }),
      fetchWithInit: () => auth.fetch("/data", { method: "POST", headers: { "X-A": "1" }, body: "a", signal: new AbortController().signal }),
      fetchBytes: () => auth.fetch("/data", { method: "POST", body: new Uint8Array(3) }),
      fetchRequest: () => auth.fetch(new NativeRequest("/data", { method: "POST", body: "a" })),
      refused: () => auth.fetch("/refused"),
      refusedRequest: () => auth.fetch(new NativeRequest("/refused", { method: "POST", body: "a" })),
      refresh: () => auth.refresh(),
      waiting: async () => {
        const refreshing = auth.refresh();
        await auth.fetch("/data", { signal: new AbortController().signal });
        await auth.token({ minValiditySeconds: 1, signal: new AbortController().signal });
        await refreshing;
      },
      // Another one of this name: reads the store, and asks its sibling.
      restore: async () => {
        let other;
        // A sibling on a busy machine may answer too late for one that opens: then it is opened again.
        do {
          other?.close();
          other = hallpass.createAuth(options);
          await other.ready;
        } while (other.session.status !== "signed-in");
        await other.fetch("/data");
        await other.refresh();
        other.close();
      },
      accept: () => auth.accept({ accessToken: `a.b.${MARK}`, refreshToken: `refresh-${MARK}`, expiresIn: 300 }),
      // What no package can keep from the page: its own calls, other clients, what came in the address.
      ...(isApplication && {
        then: () => new Promise((resolve) => auth.token().then(resolve)).then(() => undefined),
        axios: () => client.get("/data"),
        redirect: async () => {
          sessionStorage.setItem("hallpass:pending.default", JSON.stringify({ v: 1, returnTo: "/", started: Date.now(), to: "https://login.test/" }));
          await auth.completeRedirect(`${location.href}#access_token=a.b.${MARK}&token_type=Bearer`);
        },
      }),
      signOut: () => auth.signOut(),
    };
    const statuses = {};
    for (const step in steps) {
      const outcome = await steps[step]();
      quietly(() => {
        statuses[step] = outcome?.status;
        lookAgain();
      });
    }
    isBusy = true;
    // What a promise or a body tells.
    await new Promise((resolve) => setTimeout(resolve, 50));
    lookAgain();
    return { seen: [...seen].sort(), patched: [...patched], statuses };
  }

  window.patched = { run };
})();
