/** What the panels of this origin tell each other. No claim, no token: a path, a word, a time. */
const CHANNEL = "hallpass.devtools";
const ASK_MILLIS = 10_000;
/** A tab that said nothing for so long is frozen, or gone without a word. */
const SILENT_MILLIS = 25_000;
const FORGET_MILLIS = 120_000;

/** Another tab with a panel. */
export interface OtherTab {
  readonly path: string;
  readonly status: string;
  readonly expiresAt: number | null;
  readonly isSilent: boolean;
}

export interface Tabs {
  /** Those that are known now, in the order in which they were first heard. */
  others(): OtherTab[];
  /** Tells the others how things stand here. */
  tell(): void;
  close(): void;
}

interface Word {
  readonly id: string;
  readonly kind: "ask" | "here" | "gone";
  readonly path: string;
  readonly status: string;
  readonly expiresAt: number | null;
}

/** `undefined` where tabs cannot talk to each other. `now` says how things stand in this one. */
export function watchTabs(now: () => { status: string; expiresAt: number | null }, onChange: () => void): Tabs | undefined {
  if (typeof BroadcastChannel === "undefined") return undefined;
  const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  const channel = new BroadcastChannel(CHANNEL);
  const heard = new Map<string, { word: Word; at: number }>();

  const say = (kind: Word["kind"]): void => {
    const word: Word = { id, kind, path: location.pathname, ...now() };
    channel.postMessage(word);
  };
  const onMessage = (event: MessageEvent): void => {
    const word = read(event.data);
    if (word === undefined || word.id === id) return;
    if (word.kind === "gone") heard.delete(word.id);
    else heard.set(word.id, { word, at: Date.now() });
    if (word.kind === "ask") say("here");
    onChange();
  };
  const leave = (): void => {
    say("gone");
  };
  const ask = (): void => {
    for (const [other, { at }] of heard) if (Date.now() - at > FORGET_MILLIS) heard.delete(other);
    say("ask");
    onChange();
  };

  channel.addEventListener("message", onMessage);
  addEventListener("pagehide", leave);
  const timer = setInterval(ask, ASK_MILLIS);
  say("ask");

  return {
    others: () =>
      [...heard.values()].map(({ word: { path, status, expiresAt }, at }) => ({
        path,
        status,
        expiresAt,
        isSilent: Date.now() - at > SILENT_MILLIS,
      })),
    tell() {
      say("here");
    },
    close() {
      clearInterval(timer);
      removeEventListener("pagehide", leave);
      leave();
      channel.close();
    },
  };
}

/** Any script of this origin may write to the channel. */
function read(data: unknown): Word | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { id, kind, path, status, expiresAt } = data as Record<string, unknown>;
  const isText = (value: unknown): value is string => typeof value === "string" && value.length <= 500;
  if (!isText(id) || !isText(path) || !isText(status)) return undefined;
  if (kind !== "ask" && kind !== "here" && kind !== "gone") return undefined;
  return { id, kind, path, status, expiresAt: typeof expiresAt === "number" ? expiresAt : null };
}
