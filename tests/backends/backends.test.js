import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { removePackageDir } from "../e2e/harness/package-dir.js";
import { API } from "./harness/front.js";
import { ACCESS_SECONDS } from "./harness/lifetime.js";
import { concludeMatrix, note } from "./harness/matrix.js";
import { ROWS } from "./harness/rows.js";
import { onStage, open } from "./harness/stage.js";

const FILTER = process.env.HALLPASS_BACKENDS_FILTER ?? "";

/* One life of a session for each back end: what the matrix says of it is what was seen here. */

describe("back ends", { concurrency: 3 }, () => {
  for (const row of ROWS.filter(({ name, folder }) => `${name} ${folder}`.includes(FILTER))) {
    it(`${row.name}: sign-in, header, refresh, expiry, sign-out`, { timeout: 120_000 }, () =>
      onStage(row, async (page, front, server) => {
        const session = new SessionOf(row, page, front);
        await session.isGuarded();
        note(row, "Sign-in", await session.signIn());
        note(row, "Header", await session.sendsHeader());
        note(row, "Refresh", row.refresh === undefined ? "–" : await session.isRenewedInTime());
        note(row, "Expiry", row.refresh === undefined ? await session.endsAtExpiry() : await session.recoversFromExpiry());
        note(row, "Sign-out", await session.signOut());
        if (!row.lasts) await session.endsWithTheServersKey(server);
      }),
    );
  }

  after(async () => {
    await removePackageDir();
    if (FILTER === "") await concludeMatrix();
  });
});

/** What a test does with one back end, and what it sees; each method resolves with the matrix's cell. */
class SessionOf {
  constructor(row, page, front) {
    Object.assign(this, { row, page, front });
  }

  /** Without a token the server gives nothing away: else all that follows would mean nothing. */
  async isGuarded() {
    const { status } = await this.#profile();
    assert.ok(status >= 400, `without a token: ${status}`);
    assert.equal(await this.#status(), "signed-out");
  }

  async signIn() {
    const [name] = this.row.user;
    const refused = await this.page.errorOf((name) => window.backend.signIn(name, "wrong"), name);
    // Where the page fetches by itself the error is its own.
    if (refused.code !== undefined) assert.equal(refused.code, "sign_in_rejected");
    assert.equal(await this.#status(), "signed-out");
    await this.#signIn();
    assert.equal(await this.#status(), "signed-in");
    return "yes";
  }

  async sendsHeader() {
    // It may be renewed meanwhile, on a slow machine.
    const tokens = [await this.#token(), await this.#isLetIn().then(() => this.#token())];
    const [header, before] = this.row.header;
    const sent = this.front.callsTo(this.row.profile).at(-1).headers[header];
    assert.ok(tokens.some((token) => sent === before + token), `${header} is not ${before}and the token`);
    return `\`${before.trim() || header}\``;
  }

  /** By itself, before the token ends; the next request has the new one. */
  async isRenewedInTime() {
    const { before, since } = await this.page.run(async () => ({ since: window.backend.changes.length, before: await window.backend.auth.token() }));
    await this.page.until("the token is renewed", (since) => window.backend.changes.slice(since).includes("refreshed"), since);
    assert.notEqual(await this.#token(), before);
    await this.#isLetIn();
    assert.equal(this.front.callsTo(this.row.profile).filter(({ status }) => status === 401).length, this.#strangers, "no request was refused");
    return "yes";
  }

  /** The page's clock stands still, so a request carries a token that has ended: one 401, one refresh, the request once more. */
  async recoversFromExpiry() {
    await this.page.run(() => window.clock.stop());
    await sleep((ACCESS_SECONDS + 1.5) * 1000);
    const since = this.front.calls.length;
    await this.#isLetIn();
    const calls = this.front.calls.slice(since).map(({ path, status }) => `${path} ${status}`);
    const { profile, refresh } = this.row;
    assert.deepEqual(calls, [`${profile} 401`, `${refresh} 200`, `${profile} 200`]);
    await this.page.run(() => window.clock.start());
    return "recovered";
  }

  /** Nothing to renew with: the answer comes back, and the session ends, so that the application shows its sign-in. */
  async endsAtExpiry() {
    if (this.row.lasts) await this.#signOutElsewhere();
    else {
      await this.page.run(() => window.clock.stop());
      await this.#signIn();
      await sleep((ACCESS_SECONDS + 1.5) * 1000);
    }
    const { status } = await this.#profile();
    assert.ok([401, 403].includes(status), String(status));
    assert.deepEqual(await this.page.run(() => window.backend.auth.session), { status: "signed-out", reason: "rejected" });
    if (!this.row.lasts) await this.page.run(() => window.clock.start());
    await this.#signIn();
    await this.#isLetIn();
    return "signed out";
  }

  /** What is left afterwards of a session that somebody has copied before. */
  async signOut() {
    const stolen = await this.page.run(() => Object.entries(sessionStorage).concat(Object.entries(localStorage)));
    const token = await this.#token();
    const since = this.front.calls.length;
    await this.page.run(() => window.backend.auth.signOut());
    assert.equal(await this.#status(), "signed-out");
    const told = this.front.calls.slice(since).map(({ method, path, status }) => [method, path, status < 300]);
    assert.deepEqual(told.filter(([, , isWell]) => !isWell), []);
    assert.deepEqual([...new Set(told.map(([method, path]) => `${method} ${path}`))], this.row.signOut === undefined ? [] : [this.row.signOut.join(" ")]);
    const { status } = await this.#profile();
    assert.ok(status >= 400, "no token goes out any more");

    const goesOn = this.row.refresh === undefined ? await this.#opens(token) : await this.#renews(stolen);
    if (this.row.signOut === undefined) {
      assert.ok(goesOn, "the server does not know of it");
      return "here only";
    }
    assert.ok(!goesOn, "the session is over at the server, too");
    return "everywhere";
  }

  /** Started anew the server knows none of its old tokens, refresh tokens included: that ends the session, it is not waited out. */
  async endsWithTheServersKey(server) {
    await this.page.run(() => {
      sessionStorage.clear();
      localStorage.clear();
    });
    await open(this.page);
    await this.page.run(() => window.clock.stop());
    await this.#signIn();
    await server.stop();
    await server.start();
    const { status } = await this.#profile();
    assert.ok([401, 403, 422].includes(status), String(status));
    assert.deepEqual(await this.page.run(() => window.backend.auth.session), { status: "signed-out", reason: "rejected" });
  }

  async #opens(token) {
    const [name, before] = this.row.header;
    const headers = { ...this.row.headers, [name]: before + token };
    return this.page.run(async (url, headers) => (await fetch(url, { headers })).ok, API + this.row.profile, headers);
  }

  /** With its record back in the stores, in a page loaded anew. */
  async #renews(stolen) {
    await this.page.run((items) => {
      sessionStorage.clear();
      localStorage.clear();
      for (const store of [sessionStorage, localStorage]) for (const [key, value] of items) store.setItem(key, value);
    }, stolen);
    await open(this.page);
    return this.page.run(() => window.backend.auth.refresh().then(() => true, () => false));
  }

  /** How often `isGuarded` and a signed-out page were refused. */
  #strangers = 0;

  async #signIn() {
    await this.page.run((...user) => window.backend.signIn(...user), ...this.row.user);
  }

  async #isLetIn() {
    const { status, text } = await this.#profile();
    assert.equal(status, 200, text);
    assert.match(text, /ada|demo/, "the server knows who asks");
  }

  async #profile() {
    const isStranger = (await this.#status()) !== "signed-in";
    const answer = await this.page.run(
      async (url, headers) => {
        const response = await window.backend.auth.fetch(url, { headers });
        return { status: response.status, text: await response.text() };
      },
      API + this.row.profile,
      this.row.headers ?? {},
    );
    if (isStranger && answer.status === 401) this.#strangers += 1;
    return answer;
  }

  #status() {
    return this.page.run(async () => (await window.backend.auth.ready, window.backend.auth.session.status));
  }

  #token() {
    return this.page.run(() => window.backend.auth.token());
  }

  /** As another device of the user's would: the sign-out's request, without the page. */
  async #signOutElsewhere() {
    const [method, path] = this.row.signOut;
    const [name, before] = this.row.header;
    const status = await this.page.run(
      async (url, method, headers) => {
        const csrf = decodeURIComponent(/XSRF-TOKEN=([^;]*)/.exec(document.cookie)?.[1] ?? "");
        const all = { ...headers, "Content-Type": "application/json", ...(csrf && { "X-XSRF-TOKEN": csrf }) };
        return (await fetch(url, { method, headers: all, body: "{}", credentials: csrf ? "include" : "omit" })).status;
      },
      API + path,
      method,
      { ...this.row.headers, [name]: before + (await this.#token()) },
    );
    assert.ok(status < 300, String(status));
  }
}
