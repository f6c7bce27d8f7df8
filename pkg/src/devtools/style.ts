/** The panel's style sheet. `:host` can be overruled from outside: `hallpass-devtools { bottom: 80px }`. */
export const STYLE = `
:host {
  position: fixed;
  inset: auto 12px 12px auto;
  z-index: 2147483000;
  max-width: calc(100vw - 24px);
  display: flex;
  flex-direction: column;
  align-items: flex-end;
  gap: 8px;
  color-scheme: light dark;
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  --ground: #fff; --wash: #f2f4f5; --line: #d5dadd; --ink: #1d2527; --soft: #556166;
  --good: #0e6b57; --warn: #9a5b00; --bad: #b23a2a;
}
@media (prefers-color-scheme: dark) {
  :host {
    --ground: #171d20; --wash: #222a2e; --line: #364147; --ink: #edf1f2; --soft: #a3b0b5;
    --good: #58c9a9; --warn: #f2b649; --bad: #ff8f78;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.toggle, .panel { color: var(--ink); background: var(--ground); border: 1px solid var(--line); box-shadow: 0 4px 18px rgb(0 0 0 / 0.22); }
.toggle {
  display: flex; align-items: center; gap: 8px; min-height: 40px; padding: 0 14px;
  border-radius: 20px; font: inherit; cursor: pointer;
}
.toggle .name { font-weight: 700; }
.toggle .summary { color: var(--soft); font-variant-numeric: tabular-nums; }
.dot { width: 10px; height: 10px; border-radius: 50%; background: var(--soft); }
[data-status="signed in"] .dot { background: var(--good); }
[data-status="stale"] .dot { background: var(--warn); }
:focus-visible { outline: 3px solid var(--good); outline-offset: 2px; }
.panel {
  width: 420px; max-width: 100%; max-height: min(640px, calc(100vh - 140px)); max-height: min(640px, calc(100dvh - 140px));
  overflow: auto; overscroll-behavior: contain; scrollbar-width: thin; padding: 4px 16px; border-radius: 14px;
}
.part { padding: 12px 0; }
.part + .part { border-top: 1px solid var(--line); }
summary { font-weight: 650; cursor: pointer; border-radius: 4px; }
details[open] > summary { margin-bottom: 8px; }
p, dl, ol, ul { margin: 0; padding: 0; }
ol, ul { list-style: none; }
.headline { font-size: 16px; font-weight: 700; }
.headline::first-letter { text-transform: uppercase; }
.track { position: relative; height: 12px; margin: 10px 0 12px; border-radius: 6px; background: var(--wash); border: 1px solid var(--line); }
.spent { position: absolute; inset: 0 auto 0 0; width: var(--now, 0%); border-radius: 6px; background: var(--good); }
.mark { position: absolute; inset: -4px auto -4px var(--refresh, 100%); width: 3px; margin-left: -1px; background: var(--warn); border-radius: 2px; }
.rows, .claims { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 14px; }
dt, .none, time { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.claims dd { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px; }
label span { display: block; margin-bottom: 4px; color: var(--soft); }
.address {
  width: 100%; min-height: 40px; padding: 6px 10px; font: inherit; font-size: 16px;
  color: var(--ink); background: var(--wash); border: 1px solid var(--line); border-radius: 8px;
}
.address::placeholder { color: var(--soft); opacity: 1; }
.verdict { display: block; }
.verdict p { margin-top: 8px; padding-left: 10px; border-left: 3px solid var(--bad); overflow-wrap: anywhere; }
.verdict[data-goes="true"] p { border-color: var(--good); }
.changes li, .tabs li { display: flex; flex-wrap: wrap; gap: 0 8px; padding: 5px 0; overflow-wrap: anywhere; }
.changes li + li, .tabs li + li { border-top: 1px dashed var(--line); }
.changes li > span { flex-basis: 100%; }
[data-type="refresh-failed"] b, [data-type="storage-degraded"] b, [data-type="signed-out"] b { color: var(--bad); }
[data-type="idle-warning"] b { color: var(--warn); }
[data-type="refreshed"] b, [data-type="signed-in"] b, [data-type="restored"] b { color: var(--good); }
`;
