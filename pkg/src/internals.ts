import type { Token } from "./core.js";
import type { Auth } from "./types.js";

/**
 * What adapters need beyond the public surface, as a property that no listing, copy or serialisation of
 * an `Auth` shows. A registered symbol, so that an adapter works with any copy of this package.
 */
export const INTERNALS: unique symbol = Symbol.for("hallpass.internals");

export interface Internals {
  /** See `TokenCarrier`. */
  readonly carrier: TokenCarrier;
  /** Calls `listener` whenever the snapshot was replaced, in cases too where `subscribe` says nothing. */
  readonly watch: (listener: () => void) => () => void;
  /** The application came to the front, or may have: for shells whose page does not hear of it. */
  readonly wake: () => void;
}

/** Puts tokens on requests: what `auth.fetch` and the adapters have in common. Holds no token itself. */
export interface TokenCarrier {
  /**
   * The token to send to `url`; `undefined` where the request has to go without one: nobody signed in, or no
   * token to be had now; `null` where the request is none of ours: not an allowed address, or a server
   * without page. Answers at once where it can. Rejects with the signal's reason, or where there is no core.
   */
  tokenFor(url: string, signal?: AbortSignal | null): Answer | Promise<Answer>;
  /** May `url` (relative to the page, if so) have the token? Only once `tokenFor` has given one. */
  allows(url: string): boolean;
  /** "include" where requests to allowed addresses need cookies. */
  readonly credentials: "include" | undefined;
  /**
   * After a 401 to a request that carried `sent`: the token of the same session to send it again with, once, or
   * `undefined` where the 401 stands. Rejects with the signal's reason only.
   */
  recover(wwwAuthenticate: string | null, sent: Token, signal?: AbortSignal | null): Promise<Token | undefined>;
}

export type { Token };

export type Answer = Token | undefined | null;

/** zone.js replaces `Promise`, and those of async functions are no instances of that. */
export function isPromise(answer: Answer | Promise<Answer>): answer is Promise<Answer> {
  return typeof answer === "object" && answer !== null && "then" in answer;
}

/** @throws TypeError where `auth` does not come from `createAuth`. */
export function internalsOf(auth: Auth<object>): Internals {
  const internals = (auth as { [INTERNALS]?: Internals } | undefined)?.[INTERNALS];
  if (internals === undefined) throw new TypeError("This is no Auth: pass what createAuth() of hallpass returned.");
  return internals;
}
