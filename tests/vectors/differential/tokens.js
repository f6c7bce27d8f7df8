/**
 * Random tokens: mostly well made, then broken in one place. The same seed gives the same tokens, so a
 * difference can be looked at again.
 */

/** Mulberry32. */
export function dice(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(next() * limit);
  const oneOf = (choices) => choices[below(choices.length)];
  return { below, oneOf };
}

const base64url = (text) => Buffer.from(text).toString("base64url");

/** Values as they stand in a JSON text: what is easy to read, and what is not. */
const VALUES = [
  "1", "0", "-0", "-1", "1.5", "1E9", "1e-400", "1e400", "-1e400", "9007199254740993", "123456789012345678901234567890",
  "0.1", "5e-324", "1.7976931348623157e308", "2.2250738585072011e-308", "01", "1.", ".5", "+1", "0x1", "NaN", "Infinity",
  "true", "false", "null", "nul", '""', '"Zoë 🎫"', String.raw`"\ud83c\udfab"`, String.raw`"\ud83c"`, String.raw`"\udfab\ud83c"`,
  String.raw`"a\u0000b"`, '"a\u0000b"', '"a\tb"', String.raw`"\x41"`, "'a'", "[]", "[1,]", "[1,2,[3,{}]]", "{}",
  '{"a":1,"a":2}', '{"__proto__":{"admin":true}}', '{"a":1,}', "[".repeat(100) + "]".repeat(100), "[".repeat(200) + "]".repeat(200),
];

const NAMES = ["sub", "exp", "iat", "nbf", "iss", "aud", "__proto__", "constructor", "toString", "a", "", "ü", String.raw`s\u0075b`];

/** What a payload or header may be instead of an object. */
const OTHERS = ["", "null", "[]", "1", '"x"', "{", "}", "{}{}", "\ufeff{}", " {} ", "{}\n", "{}\u0000", "{} x", "// {}\n{}"];

/** A header that any library reads. */
const HEADERS = ['{"alg":"none"}', '{"alg":"HS256","typ":"JWT"}', '{"alg":"ES256","kid":"1"}'];

export function token(random) {
  const header = random.below(20) === 0 ? random.oneOf([...OTHERS, '{"alg":5}', "{}"]) : random.oneOf(HEADERS);
  const payload = random.below(20) === 0 ? random.oneOf(OTHERS) : object(random);
  const signature = "x".repeat(random.below(80));
  const parts = [base64url(header), base64url(payload), base64url(signature)];
  return random.below(2) === 0 ? parts.join(".") : broken(random, parts);
}

function object(random) {
  const member = () => {
    const value = random.below(4) === 0 ? random.oneOf(VALUES) : String(random.below(2 ** 31));
    return `"${random.oneOf(NAMES)}":${value}`;
  };
  const members = Array.from({ length: random.below(8) }, member);
  return `{${members.join(random.below(10) === 0 ? " ,\n" : ",")}}`;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=.~ \n\t\r\u0000é";

function broken(random, parts) {
  const which = random.below(parts.length);
  const part = parts[which];
  const at = random.below(part.length + 1);
  const character = random.oneOf([...ALPHABET]);
  const ways = [
    () => part.slice(0, at) + character + part.slice(at),
    () => part.slice(0, at) + part.slice(at + 1),
    () => part.slice(0, at) + character + part.slice(at + 1),
    () => part.slice(0, at),
    () => part.slice(0, -1) + character,
    () => part + "=".repeat((4 - (part.length % 4)) % 4),
    () => Buffer.from(part, "base64url").toString("base64"),
    () => part.slice(0, at) + Buffer.from([random.below(256)]).toString("base64url") + part.slice(at),
    () => `${part}.${part}`,
    () => "",
  ];
  const text = parts.with ? parts.with(which, random.oneOf(ways)()) : parts;
  return text.join(".");
}
