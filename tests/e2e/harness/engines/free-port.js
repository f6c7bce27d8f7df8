/**
 * Opens a browser. Its driver's port was free when it was chosen; where another process took it since, which `isTaken`
 * tells by the error, another one is chosen.
 */
export async function openOnFreePort(open, isTaken) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open();
    } catch (error) {
      if (attempt === 3 || !isTaken(error)) throw error;
    }
  }
}
