/** Parameters in a part of a URL, read without changing what is not ours. */

/** What was found. */
export interface Taken {
  /** Whether there is a parameter of ours of this name, with a value. */
  readonly has: (name: string) => boolean;
  /** Ours, raw and still percent-encoded: `name=value` pairs joined by `&`. */
  readonly taken: string;
  /** The text without them, with the separators it had. */
  readonly left: string;
}

/** Takes the parameters whose names are ours out of `text`, where they begin at `start`. */
export function takeParameters(text: string, start: number, isOurName: (name: string) => boolean): Taken {
  const pieces = split(text, start);
  const ours = pieces.filter(({ name }) => isOurName(name));
  let left = text.slice(0, start);
  let gap: string | undefined; // the separator of the first parameter of ours since the last one that stays
  for (const piece of pieces) {
    if (isOurName(piece.name)) {
      gap ??= piece.separator;
      continue;
    }
    left += (gap === "" || (gap !== undefined && piece.separator === "&") ? gap : piece.separator) + piece.text;
    gap = undefined;
  }
  return {
    has: (name) => ours.some((piece) => piece.name === name && piece.hasValue),
    taken: ours.map((piece) => piece.text).join("&"),
    left,
  };
}

/** Where the parameters of a fragment begin, a separator included; -1 where there are none. */
export function parametersStart(fragment: string, appendedToRoute: RegExp): number {
  const appended = appendedToRoute.exec(fragment);
  if (appended !== null) return appended[0].length;
  return /^[/!]/.test(fragment) ? fragment.search(/[?&#]/) : 0;
}

interface Piece {
  /** `?`, `&`, `#`, or nothing before the very first parameter. */
  readonly separator: string;
  readonly text: string;
  readonly name: string;
  readonly hasValue: boolean;
}

/** The parameters of `fragment` from `start` on. A `?` separates only where it opens the list: later it belongs to a value. */
function split(fragment: string, start: number): Piece[] {
  const pieces: Piece[] = [];
  let separator = "";
  let from = start;
  if (/[?&#]/.test(fragment.charAt(start))) {
    separator = fragment.charAt(start);
    from = start + 1;
  }
  for (let at = from; at <= fragment.length; at++) {
    const character = fragment.charAt(at);
    if (at < fragment.length && character !== "&" && character !== "#") continue;
    const text = fragment.slice(from, at);
    const equals = text.indexOf("=");
    pieces.push({
      separator,
      text,
      name: decoded(equals === -1 ? text : text.slice(0, equals)),
      hasValue: equals !== -1,
    });
    separator = character;
    from = at + 1;
  }
  return pieces;
}

/** `access%5Ftoken` is `access_token` too; what cannot be decoded stays as it is, unless `otherwise` knows better. */
export function decoded(text: string, otherwise = (broken: string): string => broken): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return otherwise(text);
  }
}
