import { AuthError, invalidOption } from "../error.js";
import { durationValue } from "../options/values.js";
import { URL } from "../platform/builtins.js";
import { follow, ignore, Promise } from "../platform/originals.js";
import type { PopupWindow } from "../provider.js";
import { receive } from "./hand-over.js";

/** A sign-in in a window: what is pending for it stays in this tab's memory. */
export interface PopupOrder {
  readonly url: string;
  readonly state: string;
  /** The answer's parameters are for whom has asked. */
  complete(callback: string): Promise<void>;
  /** It comes to nothing. */
  abandon(): void;
}

export interface Popups {
  /** Opens the window before it returns. `begin` says where to send it. */
  open(wanted: PopupWindow, begin: () => Promise<PopupOrder>): Promise<void>;
  /** Ends the wait of now with this reason. */
  end(reason: AuthError): void;
}

/** How often it is looked whether the user has closed the window. */
const POLL = 100;
/**
 * A Cross-Origin-Opener-Policy cuts the window off when it arrives at the provider, and its handle says `closed` from then
 * on: until it has been there for a second that is what it means, however long a slow network takes to get it there.
 */
const FIRST_SECOND = 1_000;

/** `channel`: the beginning of the channels' names. `pendingKey`: where a redirect's pending sign-in stands in sessionStorage. */
export function createPopups(channel: string, pendingKey: string, maxAgeSeconds: number): Popups {
  let endCurrent: ((reason: AuthError) => void) | undefined;

  function open(wanted: PopupWindow, begin: () => Promise<PopupOrder>): Promise<void> {
    refuseForeignFrame();
    const features = windowFeatures(wanted);
    const { signal } = wanted;
    if (signal?.aborted === true) return Promise.reject(reasonOf(signal));
    endCurrent?.(new AuthError("popup_closed", "Another sign-in took this one's place."));
    // The window gets a copy of sessionStorage: a redirect that this tab once left for, and that this sign-in takes the
    // place of, would look like its own.
    withoutStorage(() => {
      sessionStorage.removeItem(pendingKey);
    });
    const popup = openWindow(features);
    if (popup === null) return Promise.reject(new AuthError("popup_blocked"));
    return wait(popup, begin, signal);
  }

  function wait(popup: Window, begin: () => Promise<PopupOrder>, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      let order: PopupOrder | undefined;
      let endReceiving: (() => void) | undefined;
      let isOver = false;

      const finish = (settle: () => void): void => {
        if (isOver) return;
        isOver = true;
        stopWatching();
        clearTimeout(expiry);
        signal?.removeEventListener("abort", onAbort);
        endReceiving?.();
        if (endCurrent === fail) endCurrent = undefined;
        withoutStorage(() => {
          popup.close();
        });
        settle();
      };
      const fail = (reason: unknown): void => {
        finish(() => {
          order?.abandon();
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
          reject(reason);
        });
      };
      const onAbort = (): void => {
        fail(signal === undefined ? undefined : reasonOf(signal));
      };
      const onCallback = (callback: string): void => {
        if (order === undefined || isOver) return;
        // It closes itself from now on.
        stopWatching();
        void follow(order.complete(callback), () => {
          finish(resolve);
        }, fail);
      };
      const sendOff = async (begun: PopupOrder): Promise<void> => {
        order = begun;
        if (isOver) {
          begun.abandon();
          return;
        }
        endReceiving = await receive(channel, begun.state, onCallback);
        if (isOver) {
          endReceiving();
          return;
        }
        sentAway();
        popup.location.replace(begun.url);
      };

      const { sentAway, stop: stopWatching } = watchClosing(popup, () => {
        fail(new AuthError("popup_closed"));
      });
      const expiry = setTimeout(() => {
        fail(new AuthError("callback_expired", "The sign-in took too long: start it again."));
      }, maxAgeSeconds * 1000);
      signal?.addEventListener("abort", onAbort);
      endCurrent = fail;
      void follow(follow(begin(), sendOff, rethrow), ignore, fail);
    });
  }

  return {
    open,
    end: (reason) => endCurrent?.(reason),
  };
}

/** Calls `onClosed` where the user has closed the window. */
function watchClosing(popup: Window, onClosed: () => void): { sentAway: () => void; stop: () => void } {
  let isSentAway = false;
  let openAt = performance.now();
  let emptyAt = openAt;
  const stop = (): void => {
    clearInterval(timer);
  };
  const timer = setInterval(() => {
    if (!popup.closed) {
      openAt = performance.now();
      if (isEmpty(popup)) emptyAt = openAt;
      return;
    }
    stop();
    // By when it was seen last: timers may be slow.
    const isCutOff = isSentAway && openAt - emptyAt < FIRST_SECOND;
    if (!isCutOff) onClosed();
  }, POLL);
  return {
    sentAway() {
      isSentAway = true;
    },
    stop,
  };
}

/** What it was opened with is still in there. */
function isEmpty(popup: Window): boolean {
  try {
    return popup.location.href === "about:blank";
  } catch {
    return false; // another origin's
  }
}

function openWindow(features: string): Window | null {
  try {
    // Empty: where it goes is not known yet, and browsers open a window only in the click.
    return window.open("", "_blank", features);
  } catch {
    return null;
  }
}

function windowFeatures({ width, height }: PopupWindow): string {
  const w = Math.round(width === undefined ? 500 : durationValue(width, "signInPopup: width"));
  const h = Math.round(height === undefined ? 650 : durationValue(height, "signInPopup: height"));
  const left = Math.max(0, Math.round(window.screenX + (window.outerWidth - w) / 2));
  const top = Math.max(0, Math.round(window.screenY + (window.outerHeight - h) / 2));
  return `popup,width=${String(w)},height=${String(h)},left=${String(left)},top=${String(top)}`;
}

/**
 * In a frame of another site the window's storage and channels are not the frame's: the callback would never come. Told by
 * what is certain: another scheme, or another end of the name (RFC 6265bis, "same-site"; the public suffixes are not known here).
 */
function refuseForeignFrame(): void {
  // Firefox lacks it: there the wait ends when the window is closed.
  const { ancestorOrigins } = location as { ancestorOrigins?: ArrayLike<string> };
  const own = siteOf(location.origin);
  if (Array.from(ancestorOrigins ?? []).some((origin) => siteOf(origin) !== own)) {
    throw invalidOption("signInPopup", "cannot work in a frame of another site, which shares nothing with the window; sign in by a page of your own");
  }
}

export function siteOf(origin: string): string {
  try {
    const { protocol, hostname } = new URL(origin);
    const isAddress = /^\[|^[\d.]+$/.test(hostname);
    return `${protocol}//${isAddress ? hostname : hostname.split(".").slice(-2).join(".")}`;
  } catch {
    return origin;
  }
}

function withoutStorage(action: () => void): void {
  try {
    action();
  } catch {
    // This page may not.
  }
}

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason === undefined ? new DOMException("The operation was aborted.", "AbortError") : (reason as Error);
}

function rethrow(error: unknown): never {
  throw error;
}
