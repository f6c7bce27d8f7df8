import assert from "node:assert/strict";
import { Key } from "selenium-webdriver";
import { until } from "./harness/until.js";
import { suite } from "./harness/suite.js";

/* The developer panel, in the demo and on a page with the strictest policy. */

/** What stands in the panel's parts. */
const read = (page, selector) =>
  page.run((selector) => {
    const root = document.querySelector("hallpass-devtools")?.shadowRoot;
    return [...(root?.querySelectorAll(selector) ?? [])].map((element) => element.textContent).join(" | ");
  }, selector);

/** All of it, markup and what was typed included. */
const everything = (page) =>
  page.run(() => {
    const { shadowRoot: root, outerHTML } = document.querySelector("hallpass-devtools");
    return [outerHTML, root.innerHTML, root.textContent, ...[...root.querySelectorAll("input")].map((input) => input.value)].join("\n");
  });

const ask = async (page, address) => {
  await page.run((address) => {
    const input = document.querySelector("hallpass-devtools").shadowRoot.querySelector("input");
    input.value = address;
    input.dispatchEvent(new Event("input"));
  }, address);
  return until(`a verdict on ${address}`, async () => (await read(page, "output p")) || undefined);
};

suite("developer panel", (test) => {
  test("off until it is asked for; then the session, its changes, and why an address gets no token; no secret in it (SEC-40)", async (world) => {
    const page = await world.open();
    await page.signIn();
    assert.equal(await page.run(() => document.querySelector("hallpass-devtools")), null);
    await page.click("devtools");
    assert.match(await read(page, "button"), /^hallpasssigned in \d+:\d\d$/);
    const toggle = await page.run(() => document.querySelector("hallpass-devtools").shadowRoot.querySelector("button").getAttribute("aria-expanded"));
    assert.equal(toggle, "false");
    await page.run(() => document.querySelector("hallpass-devtools").shadowRoot.querySelector("button").focus());
    await page.driver.actions().sendKeys(Key.ENTER).perform();
    await until("it is open", () => page.run(() => document.querySelector("hallpass-devtools").open));
    assert.equal(await read(page, ".headline"), "signed in");
    assert.match(await read(page, ".claims"), new RegExp(world.user.username));

    await page.refresh();
    // Not tried again while the list is read, however slow the machine.
    await world.server.fault({ route: "/token", status: 503, retryAfter: "60", times: 1 });
    await page.errorOf(() => window.hallpassDemo.auth.refresh());
    await until("both changes", async () => (await read(page, ".changes b")) === "refresh-failed | refreshed");
    assert.match(await read(page, ".changes li > span"), /^refresh_unavailable, status 503: .*Next attempt at .* \| this tab has new tokens$/);

    assert.match(await ask(page, `${world.server.api}/me`), /^Authorization: Bearer eyJ… \(\d+ bytes\) \| Cookies go along/);
    assert.match(await ask(page, `${world.server.foreign}/me`), /is not in options\.origins/);
    assert.match(await ask(page, "http://api.example.com/"), /^Only https gets the token/);
    assert.match(await ask(page, `${world.server.api}/echo`), /^Authorization/);
    assert.deepEqual(await world.server.log({ path: "/echo", preflights: true }), [], "asking sends nothing");

    const { access, refresh } = JSON.parse(await page.record());
    await world.collect();
    const shown = await everything(page);
    assert.deepEqual(world.canaries.search([{ where: "panel", text: shown }]), []);
    for (const secret of [access, refresh, access.split(".")[2]]) assert.ok(!shown.includes(secret));

    await page.signOut();
    assert.equal(await read(page, ".headline"), "signed out: signOut() in this tab");
    assert.match(await ask(page, `${world.server.api}/me`), /nobody is signed in/);
    await page.click("devtools");
    assert.equal(await page.run(() => document.querySelector("hallpass-devtools")), null);
  });

  test("tabs with a panel know of each other", async (world) => {
    const first = await world.open({ devtools: true });
    const second = await (await world.newPage()).open({ devtools: true });
    await second.signIn();
    await first.run(() => (document.querySelector("hallpass-devtools").open = true));
    await until("the first hears of the second", async () => /signed in until/.test(await read(first, ".tabs li")));
    await second.close();
    await until("the second is gone", async () => (await read(first, ".tabs li")) === "None.");
  });

  test("a tab that goes without a word is gone soon, and one in the background stays", async (world) => {
    const first = await world.open({ devtools: true });
    const second = await (await world.newPage()).open({ devtools: true });
    const third = await (await world.newPage()).open({ devtools: true }, "/requests");
    await second.signIn();
    await first.run(() => (document.querySelector("hallpass-devtools").open = true));
    const others = async () => (await read(first, ".tabs li")).split(" | ").sort();
    await until("both are known", async () => (await others()).length === 2 && /signed in/.test((await others()).join()));
    // In the background, as far as a page can tell.
    await third.run(() => {
      Object.defineProperty(document, "visibilityState", { value: "hidden" });
      document.dispatchEvent(new Event("visibilitychange"));
      window.words = [];
      new BroadcastChannel("hallpass:devtools").addEventListener("message", ({ data }) => {
        window.words.push({ kind: data.kind, isOfThird: data.path === "/requests", at: performance.now() });
      });
    });
    // Killed: Chromium's driver can do it, and everywhere a page can lose its voice.
    await second.run(() => (BroadcastChannel.prototype.postMessage = () => undefined));
    await second.close();
    await first.front();
    await until("the second is gone", async () => {
      const rows = await others();
      assert.ok(rows.some((row) => row.startsWith("/requestssigned out")), `the third stays: ${rows}`);
      return rows.length === 1 && rows[0].endsWith("signed out");
    });
    // Counted, not timed: on a busy machine an answer takes longer than it is until the next question.
    const unanswered = await third.run(() => {
      const asked = window.words.filter(({ kind, isOfThird }) => kind === "ask" && !isOfThird);
      const questions = asked.filter(({ at }, nth) => nth === 0 || at - asked[nth - 1].at > 2_000);
      const answers = window.words.filter(({ kind, isOfThird }) => kind === "here" && isOfThird);
      return questions.length < 3 ? "too few questions" : Math.max(0, questions.length - 1 - answers.length);
    });
    assert.equal(unanswered, 0, "the third answers from the background, but for the last question, whose answer may be under way");
  });

  test("under the strictest policy and Trusted Types it is styled and violates nothing (SEC-41, SEC-42)", async (world) => {
    const [server] = await world.origins();
    const policy =
      "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
      "require-trusted-types-for 'script'; trusted-types 'none'";
    const html = '<!doctype html><script src="/hooks.js"></script><script type="module" src="/strict.js"></script><body>';
    const script =
      'import { createAuth } from "/hallpass/index.js"; import { mountDevtools } from "/hallpass/devtools.js";' +
      "window.auth = createAuth(); mountDevtools(window.auth, { open: true });";
    server.on("GET /strict", () => ({ headers: { "Content-Type": "text/html", "Content-Security-Policy": policy }, body: html }));
    server.on("GET /strict.js", () => ({ headers: { "Content-Type": "text/javascript" }, body: script }));
    const page = world.packagePage(server);
    await page.goto(`${server.origin}/strict`);
    await page.until("the panel is there", () => document.querySelector("hallpass-devtools")?.shadowRoot?.querySelector("section") instanceof HTMLElement);
    const shown = await page.run(async () => {
      await window.auth.ready;
      await window.auth.accept({ accessToken: "opaque-token", expiresIn: 300 });
      const { shadowRoot: root } = document.querySelector("hallpass-devtools");
      const style = (selector, property) => getComputedStyle(root.querySelector(selector)).getPropertyValue(property);
      const position = getComputedStyle(root.host).position;
      return { position, overflow: style(".panel", "overflow-y"), marked: style(".mark", "width"), left: parseFloat(style(".mark", "left")) > 100 };
    });
    assert.deepEqual(shown, { position: "fixed", overflow: "auto", marked: "3px", left: true });
    assert.equal(await read(page, ".headline"), "signed in");
  });
});
