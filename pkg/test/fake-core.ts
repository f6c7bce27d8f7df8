import type { AuthorizationOrder, AuthorizationRequest, Core, CoreModule, CoreOptions, Host, Token } from "../src/core/contract.js";
import { AuthError, makeError } from "../src/error.js";
import { createLoader, type Cores, type Loader } from "../src/core/loader.js";

/**
 * A core that decides nothing by itself: tests say what it answers, and see what it was asked.
 * Only the facade's plumbing is tested with it; the real core has its own tests.
 */
export class FakeCore implements Core {
  /** The token of now; `undefined` when signed out. */
  now: string | undefined;
  /** What `token()` gives while there is none. */
  waiting: Promise<string> = Promise.reject(new AuthError("signed_out"));
  allowed: (protocol: string, host: string, pathname: string) => boolean = () => true;
  credentials: "include" | undefined;
  /** The token after a recovery; `undefined` where the 401 stands. */
  recovered: string | undefined | (() => string | undefined | Promise<string | undefined>);
  recoveries: { status: number; challenge: string | null; token: string }[] = [];
  /** The session of every token that is handed out, and those that came back with a 401. */
  session = "first";
  sessions: string[] = [];
  #token: Token | undefined;
  /** What `completeRedirect` gives, for each fragment. */
  callbacks = new Map<string | null, { returnTo: string; reload: boolean } | AuthError>();
  asked: (string | null)[] = [];
  calls: unknown[][] = [];
  closed = false;

  readonly options: CoreOptions;

  constructor(
    options: string,
    readonly host: Host,
  ) {
    this.options = JSON.parse(options) as CoreOptions;
    this.waiting.catch(() => undefined);
  }

  /** What a real one would do when it has read the store. */
  opens: () => void = () => undefined;

  /** Whether it was told that it takes the place of one that broke. */
  isRestarted: boolean | undefined;

  start(isRestarted: boolean): void {
    this.isRestarted = isRestarted;
    this.opens();
  }

  current(minValidityMs?: number): Token | undefined {
    if (minValidityMs !== undefined) this.calls.push(["current", minValidityMs]);
    return this.now === undefined ? undefined : this.#tokenOf(this.now);
  }

  async token(minValidityMs?: number): Promise<Token> {
    this.calls.push(["token", minValidityMs]);
    return this.#tokenOf(this.now ?? (await this.waiting));
  }

  /** One object for as long as the token stays. */
  #tokenOf(text: string): Token {
    const { session, key } = this;
    if (this.#token?.text !== text || this.#token.session !== session) this.#token = { text, session, ...(key !== undefined && { key }) };
    return this.#token;
  }

  allows(protocol: string, host: string, pathname: string): boolean {
    return this.allowed(protocol, host, pathname);
  }

  async recover(status: number, challenge: string | null, token: string, session: string): Promise<Token | undefined> {
    this.recoveries.push({ status, challenge, token });
    this.sessions.push(session);
    const text = typeof this.recovered === "function" ? await this.recovered() : this.recovered;
    return text === undefined ? undefined : { text, session, ...(this.key !== undefined && { key: this.key }) };
  }

  async signIn(credentials: string): Promise<void> {
    this.calls.push(["signIn", credentials]);
    this.becomes(signedIn(), { type: "signed-in" });
  }

  async renew(tokens: unknown, session?: string): Promise<void> {
    this.calls.push(["renew", tokens, session]);
    await Promise.resolve();
  }

  async accept(tokens: unknown): Promise<void> {
    this.calls.push(["accept", tokens]);
  }

  startRedirect(page: string, returnTo: string | undefined, params: object | undefined): string {
    this.calls.push(["startRedirect", page, returnTo, params]);
    return "https://login.test/";
  }

  async completeRedirect(fragment: string | null, pending?: string): Promise<{ returnTo: string; reload: boolean } | null> {
    this.asked.push(fragment);
    if (pending !== undefined) this.calls.push(["completeRedirect", fragment, pending]);
    const answer = this.callbacks.get(fragment) ?? null;
    if (answer instanceof AuthError) throw answer;
    return answer;
  }

  async refresh(): Promise<void> {
    this.calls.push(["refresh"]);
  }

  async signOut(): Promise<void> {
    this.calls.push(["signOut"]);
    this.becomes({ status: "signed-out", reason: "user" }, { type: "signed-out", reason: "user" });
  }

  reportActivity(): void {
    this.calls.push(["reportActivity"]);
  }

  wake(): void {
    this.calls.push(["wake"]);
  }

  close(): void {
    this.closed = true;
  }

  // ── with a provider ──

  /** The name of the key that tokens are bound to. */
  key: string | undefined;
  /** What `authorize` gives, beside the request's own state. */
  order: Partial<AuthorizationOrder> = {};
  orders = 0;

  providerMetadata(document: string): string {
    this.calls.push(["providerMetadata", JSON.parse(document)]);
    if (document.includes("mismatch")) throw new AuthError("provider_mismatch");
    return document;
  }

  authorize(request: AuthorizationRequest): AuthorizationOrder {
    this.calls.push(["authorize", request]);
    const state = `state-${String(this.orders++)}`;
    return { url: `https://id.test/authorize?state=${state}`, pushed: null, pending: request.isPopup ? `pending-${state}` : null, state, ...this.order };
  }

  pushedUrl(metadata: string, status: number, body: string): string {
    this.calls.push(["pushedUrl", metadata, status, body]);
    if (status !== 201) throw new AuthError("sign_in_rejected", undefined, { status });
    return "https://id.test/authorize?request_uri=urn:1";
  }

  proof(method: string, url: string, x: string, y: string, accessToken: string | null, nonce: string | null): string {
    return [{ jwk: { x, y } }, { method, url, accessToken, nonce, jti: this.proofs++ }].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  }

  proofs = 0;

  thumbprint(x: string, y: string): string {
    return `thumbprint of ${x}.${y}`;
  }

  revocation(accessToken: string | null, refreshToken: string | null): string {
    return `token=${String(refreshToken ?? accessToken)}`;
  }

  endSessionUrl(_metadata: string, idToken: string | null): string {
    return `https://id.test/end?id_token_hint=${String(idToken)}`;
  }

  keyLost(name: string): void {
    this.calls.push(["keyLost", name]);
  }

  keyInMemory(): void {
    this.calls.push(["keyInMemory"]);
  }

  becomes(session: object, change: object | null): void {
    this.host.onChange(session, change);
  }
}

export function signedIn(claims: object = { sub: "ada" }): object {
  return { status: "signed-in", claims, expiresAt: null, refreshAt: null, stale: false };
}

/** One core for everything. */
export interface FakeLoader extends Loader, Cores {
  /** The cores made so far. */
  readonly cores: FakeCore[];
  /** While set, loading fails. */
  failure: Error | undefined;
  loads: number;
  /** What a core that broke would do. */
  breakDown(cause: unknown): void;
}

export function fakeLoader(prepare: (core: FakeCore) => void = () => undefined): FakeLoader {
  const cores: FakeCore[] = [];
  const module: CoreModule = {
    install: () => undefined,
    decodeToken: (token) => {
      if (!token.startsWith("e")) throw makeError("malformed_token", "", false, undefined, undefined);
      return JSON.stringify({ header: {}, claims: { token } });
    },
    Core: class extends FakeCore {
      constructor(options: string, host: Host) {
        super(options, host);
        cores.push(this);
        prepare(this);
      }
    },
  };
  let onBroken: (cause: unknown) => void;
  const loader = createLoader([
    async (listener) => {
      onBroken = listener;
      fake.loads++;
      if (fake.failure !== undefined) throw fake.failure;
      return module;
    },
  ]);
  const fake: FakeLoader = {
    cores,
    failure: undefined,
    loads: 0,
    of: () => fake,
    load: () => loader.load(),
    whenLoaded: (listener) => {
      loader.whenLoaded(listener);
    },
    whenBroken: (listener) => loader.whenBroken(listener),
    get loaded() {
      return loader.loaded;
    },
    breakDown(cause) {
      onBroken(cause);
    },
  };
  return fake;
}
