/*
 * Makes one session manager from the options in the query, so that a reload and a copy of the tab make it again.
 * What this browser shall be without is taken away before the package is loaded.
 */
const query = pageQuery();

/** A callback of a provider has nothing of it in its address: this tab remembers where it left from. */
function pageQuery() {
  const here = new URLSearchParams(location.search);
  if (here.has("provider")) sessionStorage.setItem("e2e-query", location.search);
  return here.has("options") ? here : new URLSearchParams(sessionStorage.getItem("e2e-query") ?? "");
}

const TAKE_AWAY = {
  locks: () => delete Navigator.prototype.locks,
  BroadcastChannel: () => delete window.BroadcastChannel,
  WebAssembly: () => delete window.WebAssembly,
  /** Until the test puts it back: `window.e2eNetwork(true)`. */
  network: () => {
    let isThere = false;
    const { fetch } = window;
    Object.defineProperty(navigator, "onLine", { configurable: true, get: () => isThere });
    window.fetch = (...args) => {
      if (isThere) return fetch(...args);
      window.e2eRefused = (window.e2eRefused ?? 0) + 1;
      return Promise.reject(new TypeError("There is no network."));
    };
    window.e2eNetwork = (is) => {
      isThere = is;
      dispatchEvent(new Event(is ? "online" : "offline"));
    };
  },
};
for (const name of query.get("without")?.split(",").filter(Boolean) ?? []) TAKE_AWAY[name]();

/** A policy on top of the server's, in force before the package is loaded. */
if (query.has("policy")) {
  document.head.append(Object.assign(document.createElement("meta"), { httpEquiv: "Content-Security-Policy", content: query.get("policy") }));
}

/** For tests that break the core: `window.coreMemory` is the memory of the last one. */
if (query.has("watch")) {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...args) => {
    const instance = await instantiate(...args);
    window.coreMemory = instance.exports.memory;
    return instance;
  };
}

const hallpass = await import(`/e2e-package/${query.get("entry") ?? "index"}.js`);
window.hallpass = hallpass;
const options = JSON.parse(query.get("options") ?? "{}");
if (query.has("provider")) {
  const { oidc } = await import("/e2e-package/oidc.js");
  options.provider = oidc(JSON.parse(query.get("provider")));
}
const auth = hallpass.createAuth(options);
window.hallpassDemo = { auth };
if (query.has("provider")) {
  window.callback = auth.completeRedirect().then(
    (result) => result && result.session.status,
    (error) => ({ error: error.code, oauthError: error.oauthError }),
  );
}
