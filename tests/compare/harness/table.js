/** The table of the documentation, from nothing but what was measured. */

import { CONTESTANTS } from "./contestants.js";

/** Rows: what they are called, and what stands in them; short, for five of them are to fit beside each other. */
const ROWS = {
  "**Lines of code**": ({ lines }) => lines,
  "**Loaded at start**, brotli": ({ reload: { size } }) => kB(size.atStart.brotli),
  "the same, gzip": ({ reload: { size } }) => kB(size.atStart.gzip),
  "in the main chunk, brotli": ({ reload: { size } }) => kB(size.main.brotli),
  "**Tokens are in**": ({ reload: { tokensIn } }) => tokensIn.map((store) => store.replace("Storage", " storage")).join(", ") || "memory",
  "**A reload**: the user is": ({ reload }) => stays(reload),
  "requests to the provider": ({ reload }) => reload.requests,
  "**Ten tabs** of one user: sessions": ({ tabs }) => tabs.sessions,
  "asleep for an hour, awake at once: refreshes": ({ tabs }) => `**${tabs.refreshes}**`,
  "refreshes that were refused": ({ tabs }) => tabs.refused,
  "sessions that reuse detection ended": ({ tabs }) => tabs.killed,
  "requests that were answered": ({ tabs }) => ofTen(tabs.first),
  "an hour later": ({ tabs }) => `**${ofTen(tabs.later)}**`,
  "**One tab, asleep for an hour**: the first request goes with": ({ sleep }) => (sleep.sentExpired ? "the ended token" : "a new token"),
  "it is": ({ sleep }) => (sleep.first === "200" ? "answered" : "not answered"),
  "afterwards the user is": ({ sleep }) => stays(sleep, sleep.later),
  "**Awake before the network is**: the first request": ({ sleepOffline: { first } }) => (first === "no answer" ? "waits" : "fails"),
  "once it is there, the user is": ({ sleepOffline }) => stays(sleepOffline, sleepOffline.later),
  "refreshes until then": ({ sleepOffline: { asked } }) => asked.filter(({ grant }) => grant === "refresh_token").length,
  "**Sign-out in one tab**: the others are": ({ signOut }) => (signOut.otherTabsSignedOut > 0 ? "signed out" : "not told"),
};

export function tableOf({ clients, perTab, chromium }) {
  const shown = CONTESTANTS.filter((name) => name in clients);
  const lines = [
    ["", ...shown.map((name) => `${name} ${clients[name].version}`)],
    ["---", ...shown.map(() => "---")],
    ...Object.entries(ROWS).map(([title, cell]) => [title, ...shown.map((name) => cell(clients[name]))]),
  ];
  return `${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n\n${noteOf(perTab, chromium)}\n`;
}

function noteOf(perTab, chromium) {
  const own = perTab === undefined ? "" : ` oidc-client-ts with its default store, \`sessionStorage\`: the user signs in in each tab, ${perTab.tabs.sessions} sessions, ${perTab.tabs.refreshes} refreshes, ${perTab.tabs.refused} refused, ${ofTen(perTab.tabs.later)} answered an hour later.`;
  return `Chromium ${chromium}.${own}`;
}

function stays({ isSignedIn, answer }, later = answer) {
  return isSignedIn && later === "200" ? "signed in" : "signed out";
}

function ofTen(answers) {
  return `${answers.filter((answer) => answer === "200").length} of ${answers.length}`;
}

function kB(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
