import { abortable } from "./abort.js";
import { apiAnswer } from "./api-answer.js";
import type { Core, Token } from "../core/contract.js";
import type { CoreHandle } from "../core/handle.js";
import { AuthError } from "../error.js";
import { type Answer, type Attempt, type Authorizer, isPromise, type Outgoing, type Replayable } from "../internals.js";
import { follow } from "../platform/originals.js";
import type { Settings } from "../options/options.js";
import { pageBase, report, URL } from "../platform/builtins.js";

/** How many decisions about URLs are remembered, and up to which length of URL. */
const REMEMBERED_URLS = 100;
const REMEMBERED_LENGTH = 1_000;

/** An answer by which the server wants another token. */
interface Refusal {
  readonly status: number;
  readonly challenge: string | null;
}

/** The token for a request; `undefined`: it goes without one; `null`: it is none of ours. */
type Found = Token | undefined | null;

export function createAuthorizer(handle: CoreHandle, { header, unauthorized }: Settings): Authorizer {
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
      return isPromise(found) ? authorizeLater(request, found, replayable) : attempt(request, found, replayable);
    } catch (error) {
      return withoutCore(request, error);
    }
  }

  async function authorizeLater(request: Outgoing, finding: Promise<Found>, replayable: Replayable): Promise<Attempt | null> {
    try {
      const token = await finding;
      // Judged again after the wait: relative URLs follow the page.
      return token === null || !allows(request.url) ? null : attempt(request, token, replayable);
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

  function attempt(request: Outgoing, token: Token | undefined, replayable: Replayable): Attempt {
    return {
      token,
      credentials: handle.credentials,
      again: (answer) => (token === undefined ? undefined : recover(request, token, replayable, answer)),
    };
  }

  function recover(request: Outgoing, sent: Token, replayable: Replayable, answer: Answer): Promise<Attempt | undefined> | undefined {
    const core = handle.live;
    if (core === undefined || (unauthorized === undefined && answer.status !== 401)) return undefined;
    let recovering;
    try {
      if (isFromElsewhere(core, answer)) return undefined;
      const renew = (refusal: Refusal | undefined): Promise<Token | undefined> | undefined =>
        refusal && handle.settle(handle.run(() => core.recover(refusal.status, refusal.challenge, sent.text, sent.session)));
      const refusal = refusalIn(request, answer);
      recovering = isPromise(refusal) ? follow(refusal, renew, rethrow) : renew(refusal);
    } catch {
      return undefined; // the answer says enough
    }
    if (recovering === undefined) return undefined;
    const better = renewed(request, recovering, replayable);
    // Where it cannot be sent again, the answer stands, but the token is bad: the next request has a better one.
    return replayable !== false ? abortable(better, request.signal) : undefined;
  }

  /** What tells the core that the server wants another token. The application decides it where it wants to. */
  function refusalIn(request: Outgoing, answer: Answer): Refusal | undefined | Promise<Refusal | undefined> {
    const byStatus = (): Refusal | undefined => (answer.status === 401 ? { status: 401, challenge: answer.header("WWW-Authenticate") } : undefined);
    if (unauthorized === undefined) return byStatus();
    const decide = (isRefused: boolean): Refusal | undefined => (isRefused ? { status: 401, challenge: null } : undefined);
    const otherwise = (error: unknown): Refusal | undefined => {
      report(error);
      return byStatus();
    };
    try {
      const verdict = unauthorized(apiAnswer(request, answer));
      return typeof verdict === "object" ? follow(verdict, decide, otherwise) : decide(verdict);
    } catch (error) {
      return otherwise(error);
    }
  }

  async function renewed(
    request: Outgoing,
    recovering: Promise<Token | undefined>,
    replayable: Replayable,
  ): Promise<Attempt | undefined> {
    try {
      const token = await recovering;
      if (typeof replayable === "function" && !(await replayable())) return undefined;
      return token !== undefined && allows(request.url) ? attempt(request, token, false) : undefined;
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
      const first = isPromise(authorized) ? await authorized : authorized;
      const response = await client.send(first);
      const answer = first === null ? undefined : client.read(response);
      const renewing = answer && first?.again(answer);
      if (renewing === undefined) return response;
      let second;
      try {
        second = await renewing;
      } catch (error) {
        client.discard?.(response);
        throw error;
      }
      if (second === undefined) return response;
      client.discard?.(response);
      return client.send(second);
    },

    allows,

    get credentials() {
      return handle.credentials;
    },

    header,
    seesSuccess: unauthorized !== undefined,
  };
}

function rethrow(error: unknown): never {
  throw error;
}
