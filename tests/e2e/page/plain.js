/*
 * Makes one session manager from the options in the query, so that a reload and a copy of the tab make it again.
 * What this browser shall be without is taken away before the package is loaded.
 */
const query = new URLSearchParams(location.search);

const TAKE_AWAY = {
  locks: () => delete Navigator.prototype.locks,
  BroadcastChannel: () => delete window.BroadcastChannel,
};
for (const name of query.get("without")?.split(",").filter(Boolean) ?? []) TAKE_AWAY[name]();

const hallpass = await import("/e2e-package/index.js");
window.hallpass = hallpass;
window.hallpassDemo = { auth: hallpass.createAuth(JSON.parse(query.get("options") ?? "{}")) };
