import { abortable } from "./abort.js";
import type { Core, Token } from "./core.js";
import type { CoreHandle } from "./core-handle.js";
import { AuthError } from "./error.js";
import type { Answer, TokenCarrier } from "./internals.js";
import { pageBase, URL } from "./platform.js";

/** How many decisions about URLs are remembered, and up to which length of URL. */
const REMEMBERED_URLS = 100;
const REMEMBERED_LENGTH = 1_000;

export function createCarrier(handle: CoreHandle): TokenCarrier {
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

  function tokenFrom(core: Core, url: string, signal?: AbortSignal | null): Answer | Promise<Answer> {
    if (!allowedBy(core, url)) return null;
    return handle.run(() => core.current()) ?? waitForToken(core, signal);
  }

  async function waitForToken(core: Core, signal?: AbortSignal | null): Promise<Token | undefined> {
    try {
      return await abortable(handle.settle(handle.run(() => core.token())), signal);
    } catch (error) {
      if (error instanceof AuthError && error.code !== "core_failed" && error.code !== "closed" && signal?.aborted !== true) {
        return undefined;
      }
      throw error;
    }
  }

  return {
    tokenFor(url, signal) {
      const core = handle.live;
      if (core !== undefined) return tokenFrom(core, url, signal);
      if (pageBase() === undefined) return null;
      // Handed on by the very promise that a sign-in waits for: what is asked before it is handled before it.
      return abortable(
        handle.start().then((started) => tokenFrom(started, url, signal)),
        signal,
      );
    },

    allows(url) {
      const core = handle.live;
      return core !== undefined && allowedBy(core, url);
    },

    get credentials() {
      return handle.live?.credentials;
    },

    async recover(wwwAuthenticate, sent, signal) {
      const core = handle.live;
      if (core === undefined) return undefined;
      const recovering = handle
        .settle(handle.run(() => core.recover(401, wwwAuthenticate, sent.text, sent.session)))
        .catch(() => undefined); // the 401 says enough
      return abortable(recovering, signal);
    },
  };
}
