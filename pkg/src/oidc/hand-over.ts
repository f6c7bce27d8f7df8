import { base64url, bytesOf } from "./base64url.js";
import { webCrypto } from "./subtle.js";

/*
 * How a popup gives its callback to the tab that has opened it: over a BroadcastChannel, whose name can be told only from
 * the state. No window messages, no `opener`: a Cross-Origin-Opener-Policy on either side takes nothing away.
 *
 *   popup:  { callback: "code=…&state=…" }      asking tab:  { taken: true }      popup: closes itself
 */

// As it was when this module was loaded: the code goes through it.
const { BroadcastChannel } = globalThis;

interface Message {
  readonly callback?: unknown;
  readonly taken?: unknown;
}

/** How long the tab that asked may take to say that it has it. */
const PATIENCE = 2_000;

async function open(prefix: string, state: string): Promise<BroadcastChannel> {
  const hash = await webCrypto("signInPopup").subtle.digest("SHA-256", bytesOf(state));
  return new BroadcastChannel(`${prefix}.${base64url(hash)}`);
}

/** In the tab that asked: calls `onCallback` once, with the parameters. Returns what ends the wait. */
export async function receive(prefix: string, state: string, onCallback: (callback: string) => void): Promise<() => void> {
  const channel = await open(prefix, state);
  const end = (): void => {
    channel.onmessage = null;
    channel.close();
  };
  channel.onmessage = ({ data }: MessageEvent<Message | null>) => {
    const callback = data?.callback;
    if (typeof callback !== "string") return;
    channel.postMessage({ taken: true } satisfies Message);
    end();
    onCallback(callback);
  };
  return end;
}

/** In the popup: whether a tab has taken the callback. */
export async function handOver(prefix: string, callback: string, patience = PATIENCE): Promise<boolean> {
  const [state, ...others] = new URLSearchParams(callback).getAll("state");
  if (state === undefined || others.length > 0 || typeof BroadcastChannel !== "function") return false;
  let channel: BroadcastChannel;
  try {
    channel = await open(prefix, state);
  } catch {
    return false; // where there is no channel, no tab waits on one
  }
  return new Promise((resolve) => {
    const end = (isTaken: boolean): void => {
      clearTimeout(timer);
      channel.close();
      resolve(isTaken);
    };
    const timer = setTimeout(end, patience, false);
    channel.onmessage = ({ data }: MessageEvent<Message | null>) => {
      if (data?.taken === true) end(true);
    };
    channel.postMessage({ callback } satisfies Message);
  });
}
