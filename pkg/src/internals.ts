import type { Token } from "./core/contract.js";
import type { TokenHeader } from "./options/token-header.js";
import type { Auth } from "./types.js";

/**
 * What adapters need beyond the public surface, as a property that no listing, copy or serialisation of
 * an `Auth` shows. A registered symbol, so that an adapter works with any copy of this package.
 */
export const INTERNALS: unique symbol = Symbol.for("hallpass.internals");

export interface Internals {
  /** See `Authorizer`. */
  readonly authorizer: Authorizer;
  /** Calls `listener` whenever the snapshot was replaced, in cases too where `subscribe` says nothing. */
  readonly watch: (listener: () => void) => () => void;
  /** The application came to the front, or may have: for shells whose page does not hear of it. */
  readonly wake: () => void;
}

/**
 * Which requests carry the token, and which answers make them go out once more: the rules of `auth.fetch` and of every
 * adapter. An adapter translates between its client's requests and answers and these; it decides nothing, but for what
 * only its client knows: whether the caller has authorised the request already.
 */
export interface Authorizer {
  /**
   * Before a request: how to send it; `null`: as its caller made it, because it is none of ours. Answers at once where
   * it can. Rejects (or throws) with the signal's reason, and, unless the request is optional, where there is no core.
   */
  authorize(request: Outgoing): Attempt | null | Promise<Attempt | null>;
  /** All of it for clients of promises: authorize, send, recover, send again. */
  carry<Response>(request: Outgoing, client: Client<Response>): Promise<Response>;
  /** May `url` (relative to the page, if so) have the token? False while there is no core. */
  allows(url: string): boolean;
  /** "include" where requests to allowed addresses need cookies. */
  readonly credentials: "include" | undefined;
  /** The header that carries the token. A request that has it already is its caller's. */
  readonly header: TokenHeader;
  /**
   * The headers of a single request, from its own caller's wait for the token; `null` where `url` may not have it any more.
   * Rejects as `Proofs.headers`.
   */
  headers(url: string, method: string, token: Token): Promise<Record<string, string> | null>;
  /** Whether answers that are no failure have to be seen too. */
  readonly seesSuccess: boolean;
}

/** A request, as its adapter found it. */
export interface Outgoing {
  /** Where it goes, as it will be sent: relative to the page, if so. */
  readonly url: string;
  readonly method: string;
  /** Ends the waits for a token. */
  readonly signal?: AbortSignal | null | undefined;
  /** A closed or broken auth must not take the requests of the application's own client with it: they go as they are. */
  readonly isOptional: boolean;
  /**
   * Called once, before any wait, where it may be ours: keeps the body as it is now. Whether it can be sent twice; a
   * function where that is found out when it has to be.
   */
  keep(): Replayable;
}

export type Replayable = boolean | (() => Promise<boolean>);

/** One sending of a request to an allowed address. */
export interface Attempt {
  /** `undefined`: no user is signed in, or there is no token to be had now. */
  readonly token: Token | undefined;
  /** What carries the token, to be set whatever the request has: one header, or with DPoP two. `undefined` without a token. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /**
   * "error" where there is a proof among them (RFC 9449): it holds for this address, so a redirect must not be followed
   * with it, and a client cannot be given another one on the way. The caller's own "manual" stays. An XMLHttpRequest
   * cannot be told: it follows, and the next server gets a proof for another address, which it refuses. To another origin
   * browsers do not send the token; the proof, which is worth nothing without it, only where that server allows the header.
   */
  readonly redirect: "error" | undefined;
  /** "include" where the request needs cookies, unless its caller has chosen. */
  readonly credentials: "include" | undefined;
  /**
   * After its answer, each attempt is asked once: how to send the request again; `undefined`: the answer stands, as that of
   * a second attempt always does. Rejects with the signal's reason only.
   */
  again(answer: Answer): Promise<Attempt | undefined> | undefined;
}

/** What counts of an answer. */
export interface Answer {
  readonly status: number;
  /** Where it came from, after redirects; empty where that is not known. */
  readonly url: string | null;
  /** Missing where that is not known. */
  readonly redirected?: boolean;
  header(name: string): string | null;
  /** For the application's functions. */
  headers(): Headers;
  /** The body, from a copy: the application's own reading goes on undisturbed. For its functions. */
  text(): Promise<string>;
}

/** How a client of promises sends a request. */
export interface Client<Response> {
  /** `null`: as its caller made it. */
  send(attempt: Attempt | null): Promise<Response>;
  /** `undefined` where no answer came. */
  read(response: Response): Answer | undefined;
  /** This one will not be read. */
  discard?(response: Response): void;
}

export type { Token };

/** zone.js replaces `Promise`, and those of async functions are no instances of that. */
export function isPromise<T extends object>(value: T | Promise<T | null | undefined> | null | undefined): value is Promise<T | null | undefined> {
  return typeof value === "object" && value !== null && "then" in value;
}

/** @throws TypeError where `auth` does not come from `createAuth`. */
export function internalsOf(auth: Auth<object>): Internals {
  const internals = (auth as { [INTERNALS]?: Internals } | undefined)?.[INTERNALS];
  if (internals === undefined) throw new TypeError("This is no Auth: pass what createAuth() of hallpass returned.");
  return internals;
}
