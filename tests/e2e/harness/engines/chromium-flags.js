/** A headless Chromium that asks nobody anything, as root too. */
export const CHROMIUM_FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  // Suggestions of an address bar that is not shown: two pages of the browser's own for every window, each 0.3 s of work.
  "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
];
