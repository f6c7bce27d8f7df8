import type { Settings } from "../options/options.js";

/**
 * Signs out where no core is to be had: nothing of this manager's stays in any store, and the mark that all tabs read
 * says so, with the word that the server has not heard of it. Never throws.
 */
export async function forgetWithoutCore({ core, functions }: Settings): Promise<void> {
  const { session, pending, activity, generations, mark } = core.keys;
  for (const name of ["sessionStorage", "localStorage"] as const) {
    attempt(() => {
      for (const key of [session, pending, activity]) globalThis[name].removeItem(key);
    });
  }
  attempt(() => {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(generations) && /^[0-9a-f]{64}$/.test(key.slice(generations.length))) localStorage.removeItem(key);
    }
  });
  attempt(() => {
    // What began, or ended, while the clock was ahead is over, too.
    const times = localStorage.getItem(mark)?.matchAll(/"(?:began|ended)":(\d{1,15})\b/g) ?? [];
    const ended = Math.max(Date.now(), ...Array.from(times, ([, time]) => Number(time)));
    localStorage.setItem(mark, JSON.stringify({ v: 1, ended, signedOut: core.signOut === null ? 0 : 1 }));
  });
  attempt(() => {
    if (core.fingerprint?.mode !== "client") return;
    const { cookie } = core.fingerprint;
    for (const name of [cookie, `__Host-${cookie}`]) {
      document.cookie = `${name}=; Path=/; Secure; SameSite=Strict; Max-Age=0`;
    }
  });
  try {
    await functions.storage?.remove(session);
  } catch {
    // A store that fails keeps what it has, and says so to the application itself.
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // There is no such store here, or this page may not use it.
  }
}
