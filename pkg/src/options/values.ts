/** Values of options, one at a time: each reader takes a value and where it stands, and throws what would be right. */

import { invalidOption, kindOf } from "../error.js";
import { hasOwn, URL } from "../platform/builtins.js";

// ── single values ──

export function nameValue(value: unknown, where: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  if (typeof value !== "string" || value === "" || value.length > 100 || /[\u0000-\u001f\u007f]/.test(value)) {
    throw wrong(where, "must be a string of 1 to 100 printable characters", value);
  }
  return value;
}

export function textValue(value: unknown, where: string): string {
  if (typeof value !== "string" || value === "") throw wrong(where, "must be a string that is not empty", value);
  return value;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** A token of RFC 9110: header names, methods, and cookie names too. */
export function tokenValue(value: unknown, where: string): string {
  if (typeof value !== "string" || !TOKEN.test(value)) throw wrong(where, "must be a name such as \"X-CSRF-Token\"", value);
  return value;
}

/** What stands before the token, and a space. */
export function schemeValue(value: unknown, where: string): string {
  if (typeof value !== "string" || !/^(?:[!-~](?:[ -~]*[!-~])?)?$/.test(value)) {
    throw wrong(where, 'must be a scheme such as "Bearer" or "Token", or "" for the bare token', value);
  }
  return value;
}

export function methodValue(value: unknown, where: string): string {
  if (typeof value !== "string" || !TOKEN.test(value) || /^(?:connect|trace|track)$/i.test(value)) {
    throw wrong(where, 'must be an HTTP method such as "POST"', value);
  }
  return value;
}

export function booleanValue(value: unknown, where: string): boolean {
  if (typeof value !== "boolean") throw wrong(where, "must be true or false", value);
  return value;
}

export function numberValue(value: unknown, where: string): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    throw wrong(where, "must be a finite number of at least 0", value);
  }
  return value;
}

/** What ends or repeats something: after no time at all it would do nothing else. */
export function durationValue(value: unknown, where: string): number {
  if (numberValue(value, where) === 0) throw invalidOption(where, "must be more than 0; leave it out for never");
  return value as number;
}

export function functionValue(value: unknown, where: string): unknown {
  if (typeof value !== "function") throw wrong(where, "must be a function", value);
  return value;
}

export function recordValue(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(where, "must be an object", value);
  return bare({ ...value });
}

/** Half a character, which is what a lone surrogate is, has no UTF-8: nothing could be sent, or kept, of it. */
export function refuseHalves(text: string, where: string): void {
  if (/\p{Surrogate}/u.test(text)) throw invalidOption(where, "must be well-formed text");
}

const { stringify } = JSON;

/** An object as JSON. Its content is never shown: it may be a password. */
export function jsonOf(value: object, where: string): string {
  try {
    return stringify(value);
  } catch {
    throw invalidOption(where, "must hold what JSON can hold");
  }
}

export function headersValue(value: unknown, where: string): Record<string, string> {
  const headers = recordValue(value, where);
  for (const name of Object.keys(headers)) {
    if (!TOKEN.test(name)) throw invalidOption(where, "must hold valid header names only");
    const text = headers[name];
    if (typeof text !== "string" || /[^\t\u0020-\u007e\u0080-\u00ff]/.test(text)) {
      throw wrong(`${where}[${JSON.stringify(name)}]`, "must be a string that fits into a header", text);
    }
  }
  return headers as Record<string, string>;
}

export function oneOf<T extends string>(...allowed: readonly T[]): (value: unknown, where: string) => T {
  return (value, where) => {
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw wrong(where, `must be one of ${allowed.map((one) => `"${one}"`).join(", ")}`, value);
    return found;
  };
}

// ── reading objects ──

export interface Fields {
  /** The field's value as `read` has it, or `undefined` where the field is missing. */
  optional<T>(name: string, read: (value: unknown, where: string) => T): T | undefined;
  required<T>(name: string, read: (value: unknown, where: string) => T): T;
}

/** The own properties of `value`; a name outside `known` is an error, for it is a slip of the pen. */
export function fields(where: string, value: unknown, known: readonly string[], expected = "an object"): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof URL) {
    throw wrong(where, `must be ${expected}`, value);
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw invalidOption(`${where}.${name}`, `does not exist; ${where} may have ${known.join(", ")}`);
  }
  const read = (name: string): unknown => {
    const found = hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    if (typeof found === "string") refuseHalves(found, `${where}.${name}`);
    return found;
  };
  return {
    optional(name, reader) {
      const found = read(name);
      return found === undefined ? undefined : reader(found, `${where}.${name}`);
    },
    required(name, reader) {
      return reader(read(name), `${where}.${name}`);
    },
  };
}

/** `object` without prototype and without its undefined properties. */
export function bare<T extends object>(object: { [K in keyof T]: T[K] | undefined }): T {
  const result = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(object)) {
    if (value !== undefined) result[name] = value;
  }
  return result as T;
}

export function wrong(where: string, rule: string, value: unknown): Error {
  return invalidOption(where, `${rule}, not ${kindOf(value)}`);
}
