/*
 * Which other tabs are there. Pure: what was heard and what was asked come in, and no clock.
 *
 * A page that is killed says no goodbye, so a tab counts as gone when it leaves questions unanswered. Questions are
 * counted, not seconds: a message reaches a tab in the background at once, though its timers may run once a minute; and
 * a tab that asks once a minute itself, or slept for a night, has not waited for an answer meanwhile.
 */

/** What a tab says on the channel. No claim, no token: a path, a word, a time. */
export interface Word {
  readonly id: string;
  readonly kind: "ask" | "here" | "gone";
  readonly path: string;
  readonly status: string;
  readonly expiresAt: number | null;
}

/** Another tab with a panel. */
export interface OtherTab {
  readonly path: string;
  readonly status: string;
  readonly expiresAt: number | null;
  readonly isSilent: boolean;
}

export interface Peers {
  /** Another tab said this. Whether it is one that was not known yet. */
  heard(word: Word): boolean;
  /** All are asked now; a tab that left the last questions unanswered is gone. */
  asked(): void;
  /** Those that are there, in the order in which they were first heard. */
  others(): OtherTab[];
}

/** A tab that answered none of so many questions is frozen, or gone without a word. */
const SILENT = 1;
/** And now it counts as gone. If it was frozen, its next word brings it back. */
const GONE = 3;
/** More tabs than a user has: any script of this origin can make up names. */
const MOST = 100;
const LONGEST_TEXT = 500;

export function createPeers(): Peers {
  /** The last word of each, and how many questions were asked since. */
  const known = new Map<string, { word: Word; questions: number }>();
  return {
    heard(word) {
      if (word.kind === "gone") {
        known.delete(word.id);
        return false;
      }
      const isNew = !known.has(word.id);
      if (isNew && known.size >= MOST) return false;
      known.set(word.id, { word, questions: 0 });
      return isNew;
    },
    asked() {
      for (const [id, peer] of known) {
        if (peer.questions >= GONE) known.delete(id);
        else peer.questions += 1;
      }
    },
    others: () =>
      [...known.values()].map(({ word: { path, status, expiresAt }, questions }) => ({
        path,
        status,
        expiresAt,
        // The last question may still be on its way.
        isSilent: questions > SILENT,
      })),
  };
}

/** A word, or `undefined`: any script of this origin may write to the channel. */
export function readWord(data: unknown): Word | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { id, kind, path, status, expiresAt } = data as Record<string, unknown>;
  const isText = (value: unknown): value is string => typeof value === "string" && value.length <= LONGEST_TEXT;
  if (!isText(id) || !isText(path) || !isText(status)) return undefined;
  if (kind !== "ask" && kind !== "here" && kind !== "gone") return undefined;
  return { id, kind, path, status, expiresAt: typeof expiresAt === "number" ? expiresAt : null };
}
