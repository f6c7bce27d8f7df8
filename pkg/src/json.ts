/**
 * A JSON text as frozen objects without prototypes, all the way down: a claim named `__proto__` or
 * `toString` is data like any other, and no snapshot can be changed by its receiver.
 */
export function parseFrozen(json: string): object {
  return harden(JSON.parse(json)) as object;
}

/** The depth is bounded: the core has refused deeply nested texts before. */
function harden(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) harden(member);
  return Object.freeze(Array.isArray(value) ? value : Object.setPrototypeOf(value, null));
}
