import { internalsOf } from "../internals.js";
import { report } from "../platform/page.js";
import type { Auth, JwtClaims, KeyValueStorage, RedirectResult } from "../types.js";

/** As much of `@capacitor/app` as is needed here: `import { App } from "@capacitor/app"`. */
export interface AppPlugin {
  addListener(event: "appUrlOpen", listener: (event: { url: string }) => void): Promise<ListenerHandle>;
  addListener(event: "appStateChange", listener: (state: { isActive: boolean }) => void): Promise<ListenerHandle>;
}

/** What ends a listener of a plugin. */
export interface ListenerHandle {
  remove(): Promise<void>;
}

export interface CapacitorOptions<C extends object = JwtClaims> {
  App: AppPlugin;
  /** A sign-in that came back by a deep link: go to `result.returnTo`. */
  onResult: (result: RedirectResult<C>) => void;
  /** A deep link that looked like one and was refused: an `AuthError`. Default: reported as an uncaught error. */
  onError?: (error: unknown) => void;
}

/**
 * Connects `auth` to the shell of a native app: deep links (`appUrlOpen`) finish a redirect sign-in, also the one
 * that launched the app; coming to the front (`appStateChange`) counts as a wake-up. Other deep links are
 * none of its business. Returns the function that ends both.
 *
 * `redirect.callbackUrl` has to be an address of the app's own scheme, such as `"com.example.app://signed-in"`.
 */
export function attachCapacitor<C extends object = JwtClaims>(auth: Auth<C>, options: CapacitorOptions<C>): () => void {
  const { App, onResult, onError = report } = options;
  const { wake } = internalsOf(auth);
  let isAttached = true;

  const finish = (result: RedirectResult<C> | null): void => {
    if (result !== null && isAttached) onResult(result);
  };

  const handles = [
    // Capacitor keeps the URL that launched the app until there is a listener.
    App.addListener("appUrlOpen", ({ url }) => {
      if (isAttached) auth.completeRedirect(url).then(finish, onError).catch(report);
    }),
    App.addListener("appStateChange", ({ isActive }) => {
      if (isAttached && isActive) wake();
    }),
  ];
  for (const handle of handles) handle.catch(report);

  return () => {
    isAttached = false;
    for (const handle of handles) handle.then((listener) => listener.remove()).catch(report);
  };
}

/** An asynchronous key-value plugin: `@capacitor/preferences`, or one of the same shape that encrypts. */
export interface PreferencesPlugin {
  get(options: { key: string }): Promise<{ value: string | null }>;
  set(options: { key: string; value: string }): Promise<void>;
  remove(options: { key: string }): Promise<void>;
}

/**
 * A store for `createAuth({ storage })` that keeps the session in the app's own preferences, where the
 * system does not clear it away as it may clear a WebView's. `@capacitor/preferences` does not encrypt: for a
 * refresh token, prefer a plugin over the Keychain and the Keystore.
 */
export function preferencesStorage(Preferences: PreferencesPlugin): KeyValueStorage {
  return {
    get: async (key) => (await Preferences.get({ key })).value,
    set: (key, value) => Preferences.set({ key, value }),
    remove: (key) => Preferences.remove({ key }),
  };
}
