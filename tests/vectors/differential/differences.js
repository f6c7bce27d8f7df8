/**
 * Where this package's verdict on a token differs from jose's or jwt-decode's, and why. Each row tells by the
 * token alone whether it applies. All go the same way: this package refuses what others make something of.
 */

const part = (token, index) => token.split(".")[index] ?? "";
const bytes = (text) => Buffer.from(text, "base64");
const payload = (token) => bytes(part(token, 1)).toString("utf8");
const header = (token) => bytes(part(token, 0)).toString("utf8");

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isStrict = (text) => /^[\w-]*$/.test(text) && text.length % 4 !== 1 && Buffer.from(text, "base64url").toString("base64url") === text;

/** Walks a value; what `check` says of any number, text or level counts. */
function some(value, check, depth = 1) {
  if (check(value, depth)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, member]) => check(name, depth) || some(member, check, depth + 1));
}

/** Whether a JSON text holds what only the text shows, duplicates included. */
const has = (pattern) => (token) => pattern.test(payload(token)) || pattern.test(header(token));

export const DIFFERENCES = {
  "a part is not canonical base64url: padding, + and /, white space, or bits to spare (SEC-31)": (token) =>
    token.split(".").some((text) => !isStrict(text)),
  "the header is no JSON object (SEC-30)": (token) => !isObject(parsed(header(token))),
  "the payload is no JSON object, or has a byte order mark before it (SEC-30, SEC-32)": (token) => !isObject(parsed(payload(token))),
  "not UTF-8 (SEC-32)": (token) => payload(token).includes("\ufffd") || header(token).includes("\ufffd"),
  "not three parts (SEC-30)": (token) => token.split(".").length !== 3,
  "nested deeper than 127 levels (SEC-36)": (token) =>
    some(parsed(payload(token)), (_, depth) => depth > 127) || /\[{128}/.test(payload(token)),
  "a lone surrogate (SEC-32)": has(/\\ud83c"|\\udfab\\ud83c/),
  "a number that no double holds (SEC-34)": has(/1e400/),
  "exp is no number (SEC-34)": (token) => {
    const claims = parsed(payload(token));
    return isObject(claims) && Object.hasOwn(claims, "exp") && typeof claims.exp !== "number";
  },
};

/** The reasons that apply to a token. */
export function reasons(token) {
  return Object.keys(DIFFERENCES).filter((reason) => DIFFERENCES[reason](token));
}
