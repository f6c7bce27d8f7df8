import { setTimeout as sleep } from "node:timers/promises";

/** How long anything may take that is going to happen: a limit for what is broken, on a machine with other work. */
export const PATIENCE = 40;

/**
 * Waits until `probe` gives something truthy, and gives that back. Slow machines make it slow, not wrong.
 *
 * @param {string} what named in the error
 * @param {() => unknown} probe
 */
export async function until(what, probe, { seconds = PATIENCE, everyMs = 50 } = {}) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await sleep(everyMs);
  }
}
