import { createPeers, readWord, type OtherTab, type Word } from "./peers.js";

/** What the panels of this origin tell each other. */
const CHANNEL = "hallpass:devtools";
const ASK_MILLIS = 5_000;
/** A word reaches all: a tab that has just said how things stand has answered any that asks now, and has heard it. */
const ANSWERED_MILLIS = 1_000;

export interface Tabs {
  /** Those that are known now, in the order in which they were first heard. */
  others(): OtherTab[];
  /** Tells the others how things stand here. */
  tell(): void;
  close(): void;
}

/** `undefined` where tabs cannot talk to each other. `now` says how things stand in this one. */
export function watchTabs(now: () => { status: string; expiresAt: number | null }, onChange: () => void): Tabs | undefined {
  if (typeof BroadcastChannel === "undefined") return undefined;
  const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  const channel = new BroadcastChannel(CHANNEL);
  const peers = createPeers();
  let said = -ANSWERED_MILLIS;

  const say = (kind: Word["kind"]): void => {
    said = performance.now();
    const word: Word = { id, kind, path: location.pathname, ...now() };
    channel.postMessage(word);
  };
  const onMessage = (event: MessageEvent): void => {
    const word = readWord(event.data);
    if (word === undefined || word.id === id) return;
    const isNew = peers.heard(word);
    if (word.kind === "ask" && (isNew || performance.now() - said >= ANSWERED_MILLIS)) say("here");
    onChange();
  };
  const ask = (): void => {
    // A panel in the background is not looked at: it answers, and asks when it is seen again.
    if (document.visibilityState === "hidden") return;
    peers.asked();
    say("ask");
    onChange();
  };
  /** Without counting it: pages are shown and hidden quicker than answers come. */
  const greet = (): void => {
    if (document.visibilityState !== "hidden") say("ask");
  };
  const leave = (): void => {
    say("gone");
  };

  channel.addEventListener("message", onMessage);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", greet);
  document.addEventListener("visibilitychange", greet);
  const timer = setInterval(ask, ASK_MILLIS);
  say("ask");

  return {
    others: () => peers.others(),
    tell() {
      say("here");
    },
    close() {
      clearInterval(timer);
      removeEventListener("pagehide", leave);
      removeEventListener("pageshow", greet);
      document.removeEventListener("visibilitychange", greet);
      leave();
      channel.close();
    },
  };
}
