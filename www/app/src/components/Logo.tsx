import type { ReactElement } from "react";

/** A hall pass: a ticket with a perforated stub and a tick. Decoration; the name stands beside it. */
export function Logo(): ReactElement {
  return (
    <svg className="logo" viewBox="0 0 40 28" width="40" height="28" aria-hidden="true" focusable="false">
      <path
        className="logo-paper"
        d="M4 2h32a3 3 0 0 1 3 3v5a4 4 0 0 0 0 8v5a3 3 0 0 1-3 3H4a3 3 0 0 1-3-3v-5a4 4 0 0 0 0-8V5a3 3 0 0 1 3-3z"
      />
      <path className="logo-perforation" d="M27 4.5v19" />
      <path className="logo-tick" d="m9.5 14.4 4 4 7-8.2" />
    </svg>
  );
}
