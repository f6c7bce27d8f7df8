import type { Settings } from "./options.js";

/** What the core keeps beside the session: see `Config::key_of`. */
const BESIDE = ["pending", "active"];

/**
 * Signs out where no core is to be had: nothing of this manager's stays in any store, and the mark that all tabs read
 * says so, with the word that the server has not heard of it. Never throws.
 */
export async function forgetWithoutCore({ core, functions }: Settings): Promise<void> {
  const key = `hallpass.${core.name}`;
  for (const name of ["sessionStorage", "localStorage"] as const) {
    attempt(() => {
      for (const one of [key, ...BESIDE.map((what) => keyOf(what, core.name))]) globalThis[name].removeItem(one);
    });
  }
  attempt(() => {
    const notes = `${keyOf("generation", core.name)}.`;
    for (const one of Object.keys(localStorage)) {
      if (one.startsWith(notes) && /^[0-9a-f]{64}$/.test(one.slice(notes.length))) localStorage.removeItem(one);
    }
  });
  attempt(() => {
    const key = keyOf("mark", core.name);
    // What began, or ended, while the clock was ahead is over, too.
    const times = localStorage.getItem(key)?.matchAll(/"(?:began|ended)":(\d{1,15})\b/g) ?? [];
    const ended = Math.max(Date.now(), ...Array.from(times, ([, time]) => Number(time)));
    const mark = { v: 1, ended, signedOut: core.signOut === undefined ? 0 : 1 };
    localStorage.setItem(key, JSON.stringify(mark));
  });
  attempt(() => {
    const { mode, cookie = "Fgp" } = (core.fingerprint ?? {}) as { mode?: string; cookie?: string };
    if (mode !== "client") return;
    const bare = cookie.replace(/^__(?:Host|Secure)-/i, "");
    for (const name of [bare, `__Host-${bare}`]) {
      document.cookie = `${name}=; Path=/; Secure; SameSite=Strict; Max-Age=0`;
    }
  });
  try {
    await functions.storage?.remove(key);
  } catch {
    // A store that fails keeps what it has, and says so to the application itself.
  }
}

function keyOf(what: string, name: string): string {
  return `hallpass:${what}.${name}`;
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // There is no such store here, or this page may not use it.
  }
}
