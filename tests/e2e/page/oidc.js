/*
 * An application with sign-in at a provider. Its settings are a file of the server, so that reloads, other tabs and the
 * callback page make the same session manager. What this browser shall be without is taken away before the package is
 * loaded.
 */
const settings = await (await fetch("/oidc-settings.json")).json();

/** Window messages that are sent to this page or listened for. */
window.messages = [];
const { addEventListener: listen, postMessage: post } = window;
window.addEventListener = function (type, ...rest) {
  if (type === "message") window.messages.push("listened for");
  return listen.call(this, type, ...rest);
};
window.postMessage = function (...rest) {
  window.messages.push("sent");
  return post.apply(this, rest);
};

const TAKE_AWAY = {
  indexedDB: () => Object.defineProperty(window, "indexedDB", { configurable: true, value: undefined }),
  BroadcastChannel: () => delete window.BroadcastChannel,
  /** As the browser's blocker does it. */
  popups: () => (window.open = () => null),
};
for (const name of settings.without ?? []) TAKE_AWAY[name]();

const [{ createAuth }, { oidc }] = await Promise.all([import("/hallpass/index.js"), import("/hallpass/oidc.js")]);
const messages = [...window.messages];
const [{ attachAxios }, { default: axios }] = await Promise.all([import("/hallpass/axios.js"), import("/axios.js")]);
// axios listens, for a queue of its own.
window.messages = messages;

const auth = createAuth({ ...settings.options, provider: oidc(settings.provider) });
window.auth = window.e2e.watch(auth);
window.client = axios.create();
attachAxios(window.client, auth);

/** What a guard of the application has seen, from the first moment. */
window.statuses = [auth.session.status];
auth.subscribe(({ status }) => window.statuses.push(status));

/** What is thrown at an application, as it sees it. Whoever logs it must not log a secret. */
window.described = (error) => {
  window.e2e.observe("thrown", JSON.stringify(window.e2e.describe(error)));
  const { name, code, oauthError = null, retryable = null } = error;
  return { error: name === "AuthError" ? code : String(error), oauthError, retryable };
};

/** How this page's own callback went; null where it is none. */
window.callback = auth.completeRedirect().then(
  (result) => result && { returnTo: result.returnTo, status: result.session.status },
  window.described,
);

/** Sends away who is signed out, as a route that nobody else may see. */
if (settings.isGuarded) {
  let isLeaving = false;
  const guard = () => {
    if (isLeaving || auth.session.status !== "signed-out") return;
    isLeaving = true;
    auth.signInRedirect();
  };
  auth.subscribe(guard);
  auth.ready.then(guard);
}

/** The browser opens windows for a click only. */
document.querySelector("#sign-in-popup").onclick = () => {
  window.popup = auth.signInPopup(settings.popup).then(({ status }) => status, window.described);
};
window.isThere = true;
