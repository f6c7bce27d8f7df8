import type { Core, CoreProvider, Functions, ProviderFunctions, Token } from "./core/contract.js";
import type { UrlReader } from "./options/urls.js";
import type { Callback } from "./redirect/callback.js";

/**
 * What `oidc()` of `hallpass/oidc` has made, as a property of its result that no listing shows. A registered symbol: the
 * entries of the package are bundled apart.
 */
export const PROVIDER: unique symbol = Symbol.for("hallpass.provider");

/** An authorization server among the options. The facade knows it by these types alone: what does not use it does not load it. */
export interface ProviderPlan {
  /**
   * Its options as the core takes them, for this page.
   * @throws AuthError `invalid_option`
   */
  readonly settings: (urls: UrlReader) => CoreProvider;
  /** Whether it is told of a sign-out. */
  readonly hearsOfSignOut: boolean;
  readonly open: (environment: ProviderEnvironment) => ProviderSide;
}

/** What the provider's side uses of one session manager. */
export interface ProviderEnvironment {
  readonly settings: CoreProvider;
  /** Sends everything. */
  readonly fetch: typeof globalThis.fetch;
  /** The store of the session. */
  readonly storage: "session" | "memory" | "local" | NonNullable<Functions["storage"]>;
  /** The name of a thing of this manager's, in stores and channels. */
  readonly nameOf: (what: string) => string;
  /** Where the pending sign-in stands in sessionStorage. */
  readonly pendingKey: string;
  /** @throws AuthError */
  readonly core: () => Promise<Core>;
  /** What `call` gives; everything that goes wrong in it comes out as an AuthError. */
  readonly run: <T>(call: () => T) => T;
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
}

/** The provider's side of one session manager: sends, keeps the DPoP key, opens the popup. It decides nothing. */
export interface ProviderSide {
  /** For the core. */
  readonly functions: ProviderFunctions;
  /** Leaves the page. */
  readonly start: (returnTo: string | undefined, params: object | undefined) => Promise<never>;
  /** Signs in by a window, which is opened before this returns. */
  readonly popup: (returnTo: string | undefined, params: object | undefined, window: PopupWindow) => Promise<void>;
  /** Finds a callback in `href`. `pending`: what this tab remembers of what it has left for. */
  readonly find: (href: string, pending: string | null) => Callback | undefined;
  /** Whether the callback was taken by the tab that has opened this window for it. */
  readonly handOver: (callback: string) => Promise<boolean>;
  /** `undefined` where tokens are not bound to a key. */
  readonly proofs: Proofs | undefined;
  readonly close: () => void;
}

/** What a caller wants of the window. Not checked yet. */
export interface PopupWindow {
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Proofs of possession (RFC 9449). */
export interface Proofs {
  /**
   * The headers of one request: the token, and a proof for it. `url`: absolute.
   * @throws AuthError `storage_unavailable`: the key is gone, the session ends
   */
  readonly headers: (method: string, url: string, token: Token) => Promise<Record<string, string>>;
  /** Keeps the nonce of an answer from `url`; whether there was one. */
  readonly learn: (url: string, nonce: string | null) => boolean;
}
