import { invalidOption } from "../error.js";

/** The server's nonces (RFC 9449, section 9). */
export interface Nonces {
  /** The one for the next proof. */
  readonly current: () => string;
  /** Whether it is the one of now or the one before. */
  readonly isGood: (nonce: unknown) => boolean;
}

/** A proof may be under way while the nonce changes: so the one before is good, too. */
export function createNonces(nonce: () => string, where: string): Nonces {
  let [now, before]: (string | undefined)[] = [];
  const current = (): string => {
    const latest: unknown = nonce();
    // NQCHAR of RFC 6749, appendix A (RFC 9449, section 8.1).
    if (typeof latest !== "string" || !/^[!#-[\]-~]+$/.test(latest)) throw invalidOption(where, "must give a text of printable characters, without spaces, quotes and backslashes");
    if (latest !== now) [now, before] = [latest, now];
    return latest;
  };
  return { current, isGood: (nonce) => nonce === current() || (nonce !== undefined && nonce === before) };
}
