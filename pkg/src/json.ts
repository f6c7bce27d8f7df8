import { isArray } from "./platform/originals.js";

const { entries } = Object;
const { stringify } = JSON;

/**
 * A JSON text as frozen objects without prototypes, all the way down: a claim named `__proto__` or
 * `toString` is data like any other, and no snapshot can be changed by its receiver.
 */
export function parseFrozen(json: string): object {
  return harden(JSON.parse(json)) as object;
}

/**
 * Plain data as JSON, whatever `toJSON` a polluted prototype has: `JSON.stringify` asks arrays for it, and objects, but no
 * text, number or flag.
 */
export function plainJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return stringify(value);
  if (isArray(value)) return `[${value.map(plainJson).join()}]`;
  const members = entries(value as Record<string, unknown>).map(([name, member]) => `${stringify(name)}:${plainJson(member)}`);
  return `{${members.join()}}`;
}

/** The depth is bounded: the core has refused deeply nested texts before. */
function harden(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) harden(member);
  return Object.freeze(Array.isArray(value) ? value : Object.setPrototypeOf(value, null));
}
