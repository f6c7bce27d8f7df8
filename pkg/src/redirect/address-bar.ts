/**
 * Shows `cleaned` in the address bar in place of the page's URL: no navigation, no new history entry,
 * the entry's state stays. Through the `history` of now, because routers listen by replacing its methods.
 */
export function showInAddressBar(cleaned: string): void {
  try {
    history.replaceState(history.state, "", cleaned);
  } catch {
    // Documents that may not rewrite their URL (sandboxed, srcdoc) can still change the fragment.
    const hash = cleaned.indexOf("#");
    location.replace(hash === -1 ? "#" : cleaned.slice(hash));
  }
}

/** Loads the cleaned page again, so that no trace of the first URL stays in the navigation's timing. Does not return in practice. */
export function loadAgain(cleaned: string): void {
  // Navigating to a URL with a fragment only scrolls where the page has that URL already.
  if (cleaned.includes("#")) location.reload();
  else location.replace(cleaned);
}
