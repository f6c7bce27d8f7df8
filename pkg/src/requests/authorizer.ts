import { abortable } from "./abort.js";
import { apiAnswer } from "./api-answer.js";
import type { Core, Token } from "../core/contract.js";
import type { CoreHandle } from "../core/handle.js";
import { AuthError } from "../error.js";
import { type Answer, type Attempt, type Authorizer, isPromise, type Outgoing, type Replayable } from "../internals.js";
import { follow, ignore, resolve } from "../platform/originals.js";
import type { Settings } from "../options/options.js";
import { pageBase, report, URL } from "../platform/builtins.js";
import type { Proofs } from "../provider.js";
import type { ApiAnswer } from "../types.js";

/** How many decisions about URLs are remembered, and up to which length of URL. */
const REMEMBERED_URLS = 100;
const REMEMBERED_LENGTH = 1_000;

/** An answer by which the server wants another token. */
interface Refusal {
  readonly status: number;
  readonly challenge: string | null;
}

/** How a request may go out again. */
interface Repeats {
  readonly replayable: Replayable;
  /** This was the second time, with a token better than the first. */
  readonly isLast: boolean;
  /** It has gone out again because the server wanted another nonce in the proof. */
  readonly hasNewNonce: boolean;
}

/** The token for a request; `undefined`: it goes without one; `null`: it is none of ours. */
type Found = Token | undefined | null;

/** `proofs`: where tokens may be bound to a key. */
export function createAuthorizer(handle: CoreHandle, { header, unauthorized, renewFrom }: Settings, proofs: Proofs | undefined): Authorizer {
  const isAsked = unauthorized !== undefined || renewFrom !== undefined;

  // An answer depends on the URL and the page's base only: applications ask for the same ones again and again.
  let remembered = new Map<string, boolean>();
  let rememberedBase: string | undefined;

  function allowedBy(core: Core, url: string): boolean {
    const base = pageBase();
    if (base !== rememberedBase) {
      remembered = new Map();
      rememberedBase = base;
    }
    const known = remembered.get(url);
    if (known !== undefined) return known;
    const answer = judge(core, url, base);
    if (url.length <= REMEMBERED_LENGTH) {
      if (remembered.size >= REMEMBERED_URLS) remembered.clear();
      remembered.set(url, answer);
    }
    return answer;
  }

  function judge(core: Core, text: string, base: string | undefined): boolean {
    let url;
    try {
      url = new URL(text, base);
    } catch {
      return false;
    }
    // User names in URLs become an Authorization of their own in some clients.
    if (url.username !== "" || url.password !== "") return false;
    return handle.run(() => core.allows(url.protocol, url.host, url.pathname));
  }

  function allows(url: string): boolean {
    const core = handle.live;
    return core !== undefined && allowedBy(core, url);
  }

  // ── before a request ──

  function authorize(request: Outgoing): Attempt | null | Promise<Attempt | null> {
    try {
      const found = find(request);
      if (found === null) return null;
      const replayable = request.keep();
      const repeats: Repeats = { replayable, isLast: false, hasNewNonce: false };
      if (isPromise(found)) return authorizeLater(request, found, repeats);
      return proofs !== undefined && found?.key !== undefined ? authorizeLater(request, resolve(found), repeats) : attempt(request, found, repeats);
    } catch (error) {
      return withoutCore(request, error);
    }
  }

  async function authorizeLater(request: Outgoing, finding: Promise<Found>, repeats: Repeats): Promise<Attempt | null> {
    try {
      const token = await finding;
      // Judged again after the wait: relative URLs follow the page.
      if (token === null || !allows(request.url)) return null;
      return token?.key === undefined ? attempt(request, token, repeats) : await proven(request, token, repeats);
    } catch (error) {
      return withoutCore(request, error);
    }
  }

  function find({ url, signal }: Outgoing): Found | Promise<Found> {
    const core = handle.live;
    if (core !== undefined) return findBy(core, url, signal);
    if (pageBase() === undefined) return null;
    // Handed on by the very promise that a sign-in waits for: what is asked before it is handled before it.
    return abortable(
      follow(handle.start(), (started) => findBy(started, url, signal), rethrow),
      signal,
    );
  }

  function findBy(core: Core, url: string, signal: AbortSignal | null | undefined): Found | Promise<Found> {
    if (!allowedBy(core, url)) return null;
    return handle.run(() => core.current()) ?? waitForToken(core, signal);
  }

  async function waitForToken(core: Core, signal: AbortSignal | null | undefined): Promise<Token | undefined> {
    try {
      return await abortable(handle.settle(handle.run(() => core.token())), signal);
    } catch (error) {
      if (error instanceof AuthError && error.code !== "core_failed" && error.code !== "closed" && signal?.aborted !== true) {
        return undefined;
      }
      throw error;
    }
  }

  function withoutCore({ isOptional, signal }: Outgoing, error: unknown): null {
    if (isOptional && signal?.aborted !== true) return null;
    throw error;
  }

  // ── after it ──

  function attempt(request: Outgoing, token: Token | undefined, repeats: Repeats, proof?: Record<string, string>): Attempt {
    return {
      token,
      headers: token && (proof ?? { [header.name]: header.value(token.text) }),
      redirect: proof && "error",
      credentials: handle.credentials,
      again: (answer) => (token === undefined ? undefined : judgeAnswer(request, token, repeats, answer)),
    };
  }

  /** With a proof of its own. Without the token where its key is gone: the session has ended of that. */
  async function proven(request: Outgoing, token: Token, repeats: Repeats): Promise<Attempt | null> {
    let proof;
    try {
      proof = await abortable(prove(request.url, request.method, token), request.signal);
    } catch (error) {
      if (error instanceof AuthError && error.code === "storage_unavailable") return attempt(request, undefined, repeats);
      throw error;
    }
    return proof === null ? null : attempt(request, token, repeats, proof);
  }

  /** `null` where the address may not have the token any more: a relative one follows the page. */
  async function prove(url: string, method: string, token: Token): Promise<Record<string, string> | null> {
    if (proofs === undefined || token.key === undefined) return { [header.name]: header.value(token.text) };
    const base = pageBase();
    const proof = await proofs.headers(method.toUpperCase(), new URL(url, base).href, token);
    return pageBase() === base || allows(url) ? proof : null;
  }

  function judgeAnswer(request: Outgoing, sent: Token, repeats: Repeats, answer: Answer): Promise<Attempt | undefined> | undefined {
    const core = handle.live;
    if (core === undefined || !(isAsked || sent.key !== undefined || answer.status === 401)) return undefined;
    let seen: ApiAnswer | undefined;
    const forApplication = (): ApiAnswer => (seen ??= apiAnswer(request, answer));
    try {
      if (isFromElsewhere(core, answer)) return undefined;
      const nonce = sent.key === undefined ? undefined : readNonce(request, answer);
      if (nonce?.isWanted === true) return nonce.isNew && !repeats.hasNewNonce ? provenAgain(request, sent, repeats) : undefined;
      if (!isAsked && answer.status !== 401) return undefined;
      if (renewFrom !== undefined) takeTokens(core, sent, renewFrom, forApplication);
      return repeats.isLast ? undefined : recover(core, request, sent, repeats, answer, forApplication);
    } catch {
      return undefined; // the answer says enough
    }
  }

  /** The nonce for the next proofs, and whether the server wants this request with it (RFC 9449, section 9). */
  function readNonce(request: Outgoing, answer: Answer): { isNew: boolean; isWanted: boolean } {
    const from = answer.url === null || answer.url === "" ? new URL(request.url, pageBase()).href : answer.url;
    const isNew = proofs?.learn(from, answer.header("DPoP-Nonce")) === true;
    return { isNew, isWanted: answer.status === 401 && /\berror="?use_dpop_nonce\b/i.test(answer.header("WWW-Authenticate") ?? "") };
  }

  /** Sends it once more with the nonce that came. The token was not judged, so this is no refresh, and no replay of one. */
  function provenAgain(request: Outgoing, token: Token, repeats: Repeats): Promise<Attempt | undefined> | undefined {
    if (repeats.replayable === false) return undefined;
    return repeated(request, resolve(token), { ...repeats, hasNewNonce: true });
  }

  /** A sliding session: the answer may hold newer tokens of the session that it belongs to. */
  function takeTokens(core: Core, sent: Token, find: NonNullable<Settings["renewFrom"]>, forApplication: () => ApiAnswer): void {
    try {
      const tokens = find(forApplication());
      if (tokens === null || tokens === undefined) return;
      void follow(handle.settle(handle.run(() => core.renew(tokens, sent.session))), ignore, (error) => {
        // Where the session has ended meanwhile there is nothing to renew, and nothing wrong.
        if (!(error instanceof AuthError && (error.code === "signed_out" || error.code === "closed"))) report(error);
      });
    } catch (error) {
      report(error);
    }
  }

  function recover(
    core: Core,
    request: Outgoing,
    sent: Token,
    repeats: Repeats,
    answer: Answer,
    forApplication: () => ApiAnswer,
  ): Promise<Attempt | undefined> | undefined {
    const renew = (refusal: Refusal | undefined): Promise<Token | undefined> | undefined =>
      refusal && handle.settle(handle.run(() => core.recover(refusal.status, refusal.challenge, sent.text, sent.session)));
    const refusal = refusalIn(answer, forApplication);
    const recovering = isPromise(refusal) ? follow(refusal, renew, rethrow) : renew(refusal);
    if (recovering === undefined) return undefined;
    const better = repeated(request, recovering, { ...repeats, isLast: true });
    // Where it cannot be sent again, the answer stands, but the token is bad: the next request has a better one.
    return repeats.replayable !== false ? abortable(better, request.signal) : undefined;
  }

  /** What tells the core that the server wants another token. The application decides it where it wants to. */
  function refusalIn(answer: Answer, forApplication: () => ApiAnswer): Refusal | undefined | Promise<Refusal | undefined> {
    const byStatus = (): Refusal | undefined => (answer.status === 401 ? { status: 401, challenge: answer.header("WWW-Authenticate") } : undefined);
    if (unauthorized === undefined) return byStatus();
    const decide = (isRefused: boolean): Refusal | undefined => (isRefused ? { status: 401, challenge: null } : undefined);
    const otherwise = (error: unknown): Refusal | undefined => {
      report(error);
      return byStatus();
    };
    try {
      const verdict = unauthorized(forApplication());
      return typeof verdict === "object" ? follow(verdict, decide, otherwise) : decide(verdict);
    } catch (error) {
      return otherwise(error);
    }
  }

  async function repeated(request: Outgoing, recovering: Promise<Token | undefined>, repeats: Repeats): Promise<Attempt | undefined> {
    try {
      const token = await recovering;
      const { replayable } = repeats;
      if (replayable === false || (typeof replayable === "function" && !(await replayable()))) return undefined;
      if (token === undefined || !allows(request.url)) return undefined;
      if (token.key === undefined) return attempt(request, token, repeats);
      const again = await proven(request, token, repeats);
      // Without a token it would be another request.
      return again?.token === undefined ? undefined : again;
    } catch {
      return undefined;
    }
  }

  /** After a redirect out of the allowed addresses, an answer is another server's, which had no token. */
  function isFromElsewhere(core: Core, { url, redirected }: Answer): boolean {
    return redirected !== false && typeof url === "string" && url !== "" && !allowedBy(core, url);
  }

  return {
    authorize,

    async carry(request, client) {
      const authorized = authorize(request);
      let attempt = isPromise(authorized) ? await authorized : authorized;
      for (;;) {
        const response = await client.send(attempt);
        const answer = attempt === null ? undefined : client.read(response);
        const renewing = answer && attempt?.again(answer);
        if (renewing === undefined) return response;
        let next;
        try {
          next = await renewing;
        } catch (error) {
          client.discard?.(response);
          throw error;
        }
        if (next === undefined) return response;
        client.discard?.(response);
        attempt = next;
      }
    },

    allows,

    get credentials() {
      return handle.credentials;
    },

    header,
    seesSuccess: isAsked || proofs !== undefined,

    headers: (url, method, token) => (allows(url) ? prove(url, method, token) : resolve(null)),
  };
}

function rethrow(error: unknown): never {
  throw error;
}
