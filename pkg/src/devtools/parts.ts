import { el, fold, safe, write } from "./dom.js";
import type { Tabs } from "./tabs.js";
import { clock, duration } from "./time.js";
import { describe, statusOf, WHY_SIGNED_OUT } from "./words.js";
import type { Change, Session } from "../types.js";

/** A part of the panel. */
export interface Part {
  readonly element: HTMLElement;
  /** The session is this one now. */
  show(session: Session<object>): void;
  /** A second has passed. */
  tick?(now: number): void;
}

/** So many changes are remembered. */
const LONGEST = 100;

// ── the token's life ──

export function lifePart(): Part {
  const headline = el("p", "headline");
  const track = el("div", "track", el("span", "spent"), el("span", "mark"));
  track.setAttribute("role", "img");
  const [refresh, end, begun] = [row("Refresh in"), row("Ends in"), row("Began")];
  const rows = el("dl", "rows", ...refresh.elements, ...end.elements, ...begun.elements);
  const element = el("div", "part", headline, track, rows);
  let life: { begin: number; refreshAt: number | null; expiresAt: number } | undefined;
  let seen: { expiresAt: number; at: number } | undefined;

  return {
    element,
    show(session) {
      const why = session.status === "signed-out" ? `: ${WHY_SIGNED_OUT[session.reason]}` : "";
      write(headline, `${statusOf(session)}${why}`);
      track.hidden = rows.hidden = session.status !== "signed-in" || session.expiresAt === null;
      life = undefined;
      if (session.status !== "signed-in" || session.expiresAt === null) return;
      const { expiresAt, refreshAt } = session;
      if (seen?.expiresAt !== expiresAt) seen = { expiresAt, at: Date.now() };
      life = { begin: beginOf(session.claims, expiresAt) ?? seen.at, refreshAt, expiresAt };
      track.setAttribute("aria-label", lifeInWords(life));
      write(begun.value, clock(life.begin));
      this.tick?.(Date.now());
    },
    tick(now) {
      if (life === undefined) return;
      const { begin, refreshAt, expiresAt } = life;
      const share = (at: number): string => `${String(Math.min(100, Math.max(0, (100 * (at - begin)) / (expiresAt - begin || 1))))}%`;
      track.style.setProperty("--now", share(now));
      track.style.setProperty("--refresh", share(refreshAt ?? expiresAt));
      write(refresh.value, refreshAt === null ? "none is due" : `${duration(refreshAt - now)} (${clock(refreshAt)})`);
      write(end.value, `${duration(expiresAt - now)} (${clock(expiresAt)})`);
    },
  };
}

/** By what the server says of the token's length, so that a wrong clock here does no harm. */
function beginOf(claims: object | null, expiresAt: number): number | undefined {
  const { iat, exp } = (claims ?? {}) as { iat?: unknown; exp?: unknown };
  return typeof iat === "number" && typeof exp === "number" && exp > iat ? expiresAt - (exp - iat) * 1000 : undefined;
}

function lifeInWords({ begin, refreshAt, expiresAt }: { begin: number; refreshAt: number | null; expiresAt: number }): string {
  const refresh = refreshAt === null ? "" : `, refresh at ${clock(refreshAt)}`;
  return `The token's life: from ${clock(begin)} to ${clock(expiresAt)}${refresh}`;
}

function row(title: string): { elements: [HTMLElement, HTMLElement]; value: HTMLElement } {
  const value = el("dd", "");
  return { elements: [el("dt", "", title), value], value };
}

// ── claims ──

export function claimsPart(): Part {
  const list = el("dl", "claims");
  let shown: unknown;
  return {
    element: fold("Claims", false, list),
    show(session) {
      const claims = session.status === "signed-in" ? session.claims : undefined;
      if (claims === shown) return;
      shown = claims;
      const none = claims === null ? "The token is opaque." : "Nobody is signed in.";
      const rows = Object.entries(claims ?? {}).flatMap(([name, value]) => [el("dt", "", safe(name)), el("dd", "", claim(name, value))]);
      list.replaceChildren(...(rows.length > 0 ? rows : [el("dd", "", none)]));
    },
  };
}

function claim(name: string, value: unknown): string {
  const text = safe(JSON.stringify(value));
  const isTime = typeof value === "number" && /^(exp|iat|nbf|auth_time|softexp)$/.test(name);
  return isTime ? `${text} (${clock(value * 1000)})` : text;
}

// ── changes ──

export function changesPart(): Part & { add(change: Change): void } {
  const none = el("p", "none", "None since the panel is here.");
  const list = el("ol", "changes");
  return {
    element: fold("Changes", true, none, list),
    show() {
      none.hidden = list.childElementCount > 0;
    },
    add(change) {
      const time = el("time", "", clock(Date.now()));
      const item = el("li", "", time, el("b", "", change.type), el("span", "", describe(change)));
      item.dataset.type = change.type;
      list.prepend(item);
      none.hidden = true;
      if (list.childElementCount > LONGEST) list.lastElementChild?.remove();
    },
  };
}

// ── tabs ──

export function tabsPart(tabs: Tabs | undefined): Part {
  const list = el("ul", "tabs");
  return {
    element: fold("Other tabs", false, el("p", "none", "Tabs of this origin that have this panel, too."), list),
    show() {
      const items = (tabs?.others() ?? []).map(({ path, status, expiresAt, isSilent }) => {
        const until = expiresAt === null ? "" : ` until ${clock(expiresAt)}`;
        return el("li", "", el("b", "", safe(path)), el("span", "", `${status}${until}${isSilent ? ", silent: frozen or gone" : ""}`));
      });
      list.replaceChildren(...(items.length > 0 ? items : [el("li", "", tabs === undefined ? "This browser has no BroadcastChannel." : "None.")]));
    },
  };
}
