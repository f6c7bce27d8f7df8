import type { AuthorizationOrder, Core, ProviderFunctions, ProviderSignOut } from "../core/contract.js";
import { AuthError } from "../error.js";
import { follow, ignore } from "../platform/originals.js";
import { pageUrl, report } from "../platform/page.js";
import type { PopupWindow, ProviderEnvironment, ProviderPlan, ProviderSide } from "../provider.js";
import { abortable } from "../requests/abort.js";
import { awaitedIn, findCodeCallback } from "./callback.js";
import { handOver } from "./hand-over.js";
import { createKeys } from "./keys.js";
import { metadataOf } from "./metadata.js";
import type { OidcSettings } from "./options.js";
import { createPopups } from "./popup.js";
import { createProofs } from "./proofs.js";
import { formRequest, GET, type Proving, sendProving, withDeadline } from "./request.js";

/** What the facade gets of a provider. */
export function planOf(options: OidcSettings): ProviderPlan {
  return {
    settings: options.provider,
    hearsOfSignOut: options.signOut !== "local",
    open: (environment) => openSide(environment, options),
  };
}

function openSide(environment: ProviderEnvironment, options: OidcSettings): ProviderSide {
  const { settings, fetch, storage, nameOf, pendingKey, core, run, settle } = environment;
  const metadata = metadataOf(environment, options.metadata);
  const keys = createKeys(storage === "memory" ? undefined : nameOf("keys"), settings.pendingMaxAgeSeconds, () => {
    void follow(core(), (running) => {
      running.keyInMemory();
    }, ignore);
  });
  const proofs = createProofs(environment, keys);
  const channel = nameOf("callback");
  const popups = createPopups(channel, pendingKey, settings.pendingMaxAgeSeconds);

  // ── sign-in ──

  interface Begun extends AuthorizationOrder {
    readonly core: Core;
    readonly keyName: string | null;
  }

  async function begin(returnTo: string | undefined, params: object | undefined, isPopup: boolean): Promise<Begun> {
    const running = await core();
    const known = await metadata();
    const page = pageUrl();
    if (page === undefined) throw new AuthError("core_unavailable", "There is no page to leave.");
    const key = settings.dpop ? await keys.make() : undefined;
    const keyName = key?.name ?? null;
    try {
      const order = run(() =>
        running.authorize({
          metadata: known.text,
          page,
          ...(returnTo !== undefined && { returnTo }),
          ...(params && { params }),
          keyName,
          keyThumbprint: key === undefined ? null : running.thumbprint(key.x, key.y),
          isPopup,
        }),
      );
      const url = order.pushed === null ? order.url : await push(running, known.text, known.pushed_authorization_request_endpoint ?? "", order.pushed);
      return { ...order, url, core: running, keyName };
    } catch (error) {
      if (keyName !== null) keys.drop(keyName);
      throw error;
    }
  }

  /** RFC 9126. The key is named by `dpop_jkt` in the form, so there is no need to prove it. */
  async function push(running: Core, known: string, endpoint: string, form: string): Promise<string> {
    let status: number;
    let body: string;
    try {
      [status, body] = await withDeadline(async (signal) => {
        const response = await fetch(endpoint, { ...formRequest(form), signal });
        return [response.status, await response.text()];
      });
    } catch (cause) {
      throw new AuthError("sign_in_unavailable", undefined, { retryable: true, cause });
    }
    return run(() => running.pushedUrl(known, status, body));
  }

  async function start(returnTo: string | undefined, params: object | undefined): Promise<never> {
    const { url } = await begin(returnTo, params, false);
    location.assign(url);
    return never();
  }

  function popup(returnTo: string | undefined, params: object | undefined, window: PopupWindow): Promise<void> {
    return popups.open(window, async () => {
      const { url, state, pending, core: running, keyName } = await begin(returnTo, params, true);
      return {
        url,
        state,
        async complete(callback) {
          await settle(run(() => running.completeRedirect(callback, pending ?? undefined)));
        },
        abandon() {
          if (keyName !== null) keys.drop(keyName);
        },
      };
    });
  }

  // ── what the core calls ──

  function send(url: string, init: RequestInit, keyName: string | null, accessToken: string | null): Promise<Response> {
    if (keyName === null) return fetch(url, init);
    const proving: Proving = { proofs, keyName, accessToken };
    return sendProving(environment, url, init, proving);
  }

  async function askUserInfo(accessToken: string, key: string | null, signal: AbortSignal): Promise<string | null> {
    const { userinfo_endpoint } = await abortable(metadata(), signal);
    if (userinfo_endpoint === undefined) return null;
    const headers = { ...(GET.headers as Record<string, string>), Authorization: `${key === null ? "Bearer" : "DPoP"} ${accessToken}` };
    const response = await send(userinfo_endpoint, { ...GET, redirect: "manual", headers, signal }, key, accessToken);
    if (!response.ok) throw new AuthError("invalid_response", NO_USER_INFO, { status: response.status });
    return await response.text();
  }

  async function revoke({ accessToken, refreshToken, signal }: ProviderSignOut): Promise<void> {
    const [running, { revocation_endpoint }] = [await core(), await abortable(metadata(), signal)];
    if (revocation_endpoint === undefined || (accessToken ?? refreshToken) === null) return;
    const form = run(() => running.revocation(accessToken, refreshToken));
    // Also where the page is left at once.
    const { ok, status } = await fetch(revocation_endpoint, { ...formRequest(form), keepalive: true, signal });
    if (!ok) throw new AuthError("sign_out_unavailable", undefined, { status });
  }

  async function leave({ idToken, signal }: ProviderSignOut): Promise<void> {
    const [running, { text, end_session_endpoint }] = [await core(), await abortable(metadata(), signal)];
    if (end_session_endpoint === undefined) return;
    location.assign(run(() => running.endSessionUrl(text, idToken)));
    // What would come next would be a page's that is gone, and might stop the leaving.
    await abortable(never(), signal);
  }

  const functions: ProviderFunctions = {
    async token(form, key, signal) {
      const { token_endpoint } = await abortable(metadata(), signal);
      return await send(token_endpoint, { ...formRequest(form), signal }, key, null);
    },

    async userInfo(accessToken, key, signal) {
      if (!options.userInfo) return null;
      try {
        return await askUserInfo(accessToken, key, signal);
      } catch (error) {
        report(error instanceof AuthError ? error : new AuthError("invalid_response", NO_USER_INFO, { cause: error }));
        return null;
      }
    },

    async signOut(context) {
      const leaves = context.isAsked && settings.keepsIdToken;
      try {
        await revoke(context);
      } catch (error) {
        if (!leaves) throw error;
      }
      if (leaves) await leave(context);
    },

    keyChanged(now, before) {
      if (now !== null) {
        keys.keep(now);
        proofs.look(now).catch(() => undefined); // closed meanwhile
      }
      if (before !== null && before !== now) keys.drop(before);
    },
  };

  return {
    functions,
    start,
    popup,
    find: (href, pending) => findCodeCallback(href, settings, awaitedIn(pending)),

    async handOver(callback) {
      const isTaken = await handOver(channel, callback);
      if (isTaken) window.close();
      return isTaken;
    },

    proofs: settings.dpop ? proofs : undefined,

    close() {
      popups.end(new AuthError("closed"));
      keys.close();
    },
  };
}

const NO_USER_INFO = "The userinfo endpoint gave no profile: the session goes on without it.";

/** For what comes after the page has been left. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

