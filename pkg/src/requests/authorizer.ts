import { abortable } from "./abort.js";
import { apiAnswer } from "./api-answer.js";
import type { Core, Token } from "../core/contract.js";
import type { CoreHandle } from "../core/handle.js";
import { AuthError } from "../error.js";
import { type Answer, type Attempt, type Authorizer, isPromise, type Outgoing, type Replayable } from "../internals.js";
import { follow, ignore } from "../platform/originals.js";
import type { Settings } from "../options/options.js";
import { pageBase, report, URL } from "../platform/builtins.js";
import type { ApiAnswer } from "../types.js";

/** How many decisions about URLs are remembered, and up to which length of URL. */
const REMEMBERED_URLS = 100;
const REMEMBERED_LENGTH = 1_000;

/** An answer by which the server wants another token. */
interface Refusal {
  readonly status: number;
  readonly challenge: string | null;
}

/** How a request may go out again; `"last"`: this was the second time. */
type Repeatable = Replayable | "last";

/** The token for a request; `undefined`: it goes without one; `null`: it is none of ours. */
type Found = Token | undefined | null;

export function createAuthorizer(handle: CoreHandle, { header, unauthorized, renewFrom }: Settings): Authorizer {
  const seesSuccess = unauthorized !== undefined || renewFrom !== undefined;

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

  function attempt(request: Outgoing, token: Token | undefined, replayable: Repeatable): Attempt {
    return {
      token,
      credentials: handle.credentials,
      again: (answer) => (token === undefined ? undefined : judgeAnswer(request, token, replayable, answer)),
    };
  }

  function judgeAnswer(request: Outgoing, sent: Token, replayable: Repeatable, answer: Answer): Promise<Attempt | undefined> | undefined {
    const core = handle.live;
    if (core === undefined || !(seesSuccess || answer.status === 401)) return undefined;
    let seen: ApiAnswer | undefined;
    const forApplication = (): ApiAnswer => (seen ??= apiAnswer(request, answer));
    try {
      if (isFromElsewhere(core, answer)) return undefined;
      if (renewFrom !== undefined) takeTokens(core, sent, renewFrom, forApplication);
      return replayable === "last" ? undefined : recover(core, request, sent, replayable, answer, forApplication);
    } catch {
      return undefined; // the answer says enough
    }
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
    replayable: Replayable,
    answer: Answer,
    forApplication: () => ApiAnswer,
  ): Promise<Attempt | undefined> | undefined {
    const renew = (refusal: Refusal | undefined): Promise<Token | undefined> | undefined =>
      refusal && handle.settle(handle.run(() => core.recover(refusal.status, refusal.challenge, sent.text, sent.session)));
    const refusal = refusalIn(answer, forApplication);
    const recovering = isPromise(refusal) ? follow(refusal, renew, rethrow) : renew(refusal);
    if (recovering === undefined) return undefined;
    const better = renewed(request, recovering, replayable);
    // Where it cannot be sent again, the answer stands, but the token is bad: the next request has a better one.
    return replayable !== false ? abortable(better, request.signal) : undefined;
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

  async function renewed(
    request: Outgoing,
    recovering: Promise<Token | undefined>,
    replayable: Replayable,
  ): Promise<Attempt | undefined> {
    try {
      const token = await recovering;
      if (typeof replayable === "function" && !(await replayable())) return undefined;
      return token !== undefined && allows(request.url) ? attempt(request, token, "last") : undefined;
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
    seesSuccess,
  };
}

function rethrow(error: unknown): never {
  throw error;
}
