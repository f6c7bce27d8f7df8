/** Names of what a session manager keeps in the browser. They set sessions on one origin apart. */
export interface StorageKeys {
  /** The session; also the channel of its tabs, and the beginning of their locks' names. */
  readonly session: string;
  /** The sign-in that this tab has left for. */
  readonly pending: string;
  /** The mark of the last sign-out. */
  readonly mark: string;
  /** When the user was last active. */
  readonly activity: string;
  /** How far the copies of a tab have come: before the session's part. */
  readonly generations: string;
}

/**
 * Unlike the session's in its first letters, so that no name of another manager (`x.pending`, `pending:x`) makes one of
 * these that one's session.
 */
export function besideSession(what: string, name: string): string {
  return `hallpass:${what}.${name}`;
}

/** The keys of the manager `name`: here for what needs them without a core, which gets them with its settings. */
export function storageKeys(name: string): StorageKeys {
  const beside = (what: string): string => besideSession(what, name);
  return {
    session: `hallpass.${name}`,
    pending: beside("pending"),
    mark: beside("mark"),
    activity: beside("active"),
    generations: `${beside("generation")}.`,
  };
}
