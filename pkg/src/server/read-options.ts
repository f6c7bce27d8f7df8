import { invalidOption } from "../error.js";
import { booleanValue, fields, nameValue, numberValue, schemeValue, textValue, tokenValue, wrong, type Fields } from "../options/values.js";
import type { HeaderSettings, TokenSettings } from "./access-token.js";
import { algorithmList, refuseShort } from "./algorithms.js";
import { readDpop, type DpopSettings } from "./dpop.js";
import { readFingerprint, type FingerprintSettings } from "./fingerprint.js";
import { readKeys } from "./keys.js";

/** The options, checked, with their defaults. */
export interface Settings extends TokenSettings {
  readonly header: HeaderSettings;
  readonly fingerprint: FingerprintSettings | undefined;
  readonly dpop: DpopSettings | undefined;
}

const NAMES = ["issuer", "audience", "keys", "algorithms", "fingerprint", "dpop", "header", "requiredClaims", "clockToleranceSeconds", "tokenBytes", "allowHttp"];

/** More than a few minutes is no difference of clocks (RFC 7519, section 4.1.4). */
const LONGEST_TOLERANCE = 300;

/** @throws AuthError `invalid_option` */
export function readOptions(options: unknown): Settings {
  const all = fields("options", options, NAMES);
  const allowsHttp = all.optional("allowHttp", booleanValue) ?? false;
  const keys = all.required("keys", (value, where) => readKeys(value, where, allowsHttp));
  const algorithms = all.required("algorithms", (value, where) => algorithmList(value, where, keys.fitting));
  if (keys.secretBytes !== undefined) refuseShort(keys.secretBytes, algorithms, "options.keys");
  const dpop = all.optional("dpop", readDpop);
  return {
    issuer: all.required("issuer", textValue),
    audience: all.required("audience", audienceValue),
    keys,
    algorithms,
    requiredClaims: all.optional("requiredClaims", (value, where) => list(value, where, nameValue)) ?? [],
    tolerance: all.optional("clockToleranceSeconds", toleranceValue) ?? 5,
    tokenBytes: all.optional("tokenBytes", numberValue) ?? 16_384,
    header: readHeader(all, dpop !== undefined),
    fingerprint: all.optional("fingerprint", readFingerprint),
    dpop,
  };
}

function readHeader(all: Fields, isDpop: boolean): HeaderSettings {
  const header = all.optional("header", (value, where) => {
    if (isDpop) throw invalidOption(where, "cannot be chosen where options.dpop is on: RFC 9449 fixes it");
    const given = fields(where, value, ["name", "scheme"]);
    return { name: given.optional("name", tokenValue), scheme: given.optional("scheme", schemeValue) };
  });
  return { name: header?.name ?? "Authorization", scheme: header?.scheme ?? (isDpop ? "DPoP" : "Bearer") };
}

function audienceValue(value: unknown, where: string): string[] {
  if (typeof value === "string") return [textValue(value, where)];
  const names = list(value, where, textValue);
  if (names.length === 0) throw invalidOption(where, "must name this API at least once: without it, tokens for any other would do");
  return names;
}

function list<T>(value: unknown, where: string, read: (value: unknown, where: string) => T): T[] {
  if (!Array.isArray(value)) throw wrong(where, "must be an array", value);
  return value.map((entry: unknown, index) => read(entry, `${where}[${String(index)}]`));
}

function toleranceValue(value: unknown, where: string): number {
  const seconds = numberValue(value, where);
  if (seconds > LONGEST_TOLERANCE) throw invalidOption(where, `must be at most ${String(LONGEST_TOLERANCE)}`);
  return seconds;
}
