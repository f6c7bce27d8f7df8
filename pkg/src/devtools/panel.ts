import { claimsPart, changesPart, lifePart, tabsPart, type Part } from "./parts.js";
import { el, write } from "./dom.js";
import { requestPart } from "./request.js";
import { watchTabs } from "./tabs.js";
import { duration } from "./time.js";
import { statusOf } from "./words.js";
import { internalsOf } from "../internals.js";
import type { Auth, Session } from "../types.js";

export interface Panel {
  /** What belongs into the shadow tree. */
  readonly elements: readonly HTMLElement[];
  open: boolean;
  /** Ends timers, listeners and channels. */
  close(): void;
}

export function createPanel(auth: Auth<object>, open: boolean): Panel {
  const changes = changesPart();
  const tabs = watchTabs(() => ({ status: statusOf(auth.session), expiresAt: endOf(auth.session) }), showTabs);
  const others = tabsPart(tabs);
  const request = requestPart(auth);
  const parts: readonly Part[] = [lifePart(), request, changes, claimsPart(), others];

  const summary = el("span", "summary");
  const button = el("button", "toggle", el("span", "dot"), el("span", "name", "hallpass"), summary);
  button.type = "button";
  const panel = el("section", "panel", ...parts.map(({ element }) => element));
  panel.id = "panel";
  panel.setAttribute("aria-label", "hallpass developer panel");
  button.setAttribute("aria-controls", panel.id);

  let timer: ReturnType<typeof setInterval> | undefined;
  const unsubscribe = subscribed(auth, (_session, change) => {
    changes.add(change);
  });
  const unwatch = internalsOf(auth).watch(() => {
    tabs?.tell();
    show();
  });
  const onClick = (): void => {
    setOpen(panel.hidden);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    setOpen(false);
    button.focus();
  };
  button.addEventListener("click", onClick);
  panel.addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", pace);
  setOpen(open);

  /** The session has changed, or the panel was opened. */
  function show(): void {
    const { session } = auth;
    const status = statusOf(session);
    button.dataset.status = status;
    tick();
    if (panel.hidden) return;
    for (const part of parts) part.show(session);
  }

  /** A second has passed. */
  function tick(): void {
    const { session } = auth;
    const end = endOf(session);
    write(summary, end === null ? statusOf(session) : `${statusOf(session)} ${duration(end - Date.now())}`);
    if (panel.hidden) return;
    for (const part of parts) part.tick?.(Date.now());
  }

  function showTabs(): void {
    if (!panel.hidden) others.show(auth.session);
  }

  function setOpen(open: boolean): void {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    pace();
  }

  /** A page in the background is not looked at. */
  function pace(): void {
    clearInterval(timer);
    if (document.visibilityState !== "hidden") timer = setInterval(tick, 1000);
    show();
  }

  return {
    elements: [panel, button],
    get open() {
      return !panel.hidden;
    },
    set open(open) {
      setOpen(open);
    },
    close() {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", pace);
      unsubscribe();
      unwatch();
      tabs?.close();
    },
  };
}

/** An auth that was closed has nothing to tell any more; its last session is still to be seen. */
function subscribed(auth: Auth<object>, listener: Parameters<Auth<object>["subscribe"]>[0]): () => void {
  try {
    return auth.subscribe(listener);
  } catch {
    return () => undefined;
  }
}

function endOf(session: Session<object>): number | null {
  return session.status === "signed-in" ? session.expiresAt : null;
}
