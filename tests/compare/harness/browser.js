import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { clock } from "./clock.js";

const PATIENCE_MILLIS = 60_000;
const CLOCK = readFileSync(new URL("../../e2e/page/clock.js", import.meta.url), "utf8");

/** A browser profile with tabs, over the devtools protocol. */
export class Profile {
  /** @type {Tab[]} */
  tabs = [];
  #send;
  #id;

  constructor(send) {
    this.#send = send;
  }

  async open() {
    ({ browserContextId: this.#id } = await this.#send("Target.createBrowserContext"));
    return this;
  }

  async close() {
    await this.#send("Target.disposeBrowserContext", { browserContextId: this.#id });
  }

  /** A tab with the application in it, in a window of its own: what is hidden is slowed down. */
  async newTab() {
    const { targetId } = await this.#send("Target.createTarget", { url: "about:blank", browserContextId: this.#id, newWindow: true });
    const { sessionId } = await this.#send("Target.attachToTarget", { targetId, flatten: true });
    const tab = await new Tab((method, params) => this.#send(method, params, sessionId)).load();
    this.tabs.push(tab);
    return tab;
  }

  /**
   * The machine sleeps for so long. All tabs stand still first and go on together afterwards, so none is awake while
   * another sleeps; timers keep what was left of them, as on Linux and macOS.
   */
  async sleep(seconds, { wakesOffline = false } = {}) {
    for (const tab of this.tabs) await tab.lifecycle("frozen");
    clock.step(seconds);
    for (const tab of this.tabs) await tab.step(seconds);
    if (wakesOffline) await this.network(false);
    await Promise.all(this.tabs.map((tab) => tab.lifecycle("active")));
  }

  async network(isThere) {
    await Promise.all(this.tabs.map((tab) => tab.network(isThere)));
  }
}

class Tab {
  #inPage;
  #clockScript;

  constructor(inPage) {
    this.#inPage = inPage;
  }

  async load() {
    await this.#inPage("Page.enable");
    await this.#inPage("Network.enable");
    await this.#setClock();
    await this.reload();
    return this;
  }

  async reload() {
    await this.#inPage("Page.navigate", { url: "https://app.example.com/" });
    await this.settled();
  }

  lifecycle(state) {
    return this.#inPage("Page.setWebLifecycleState", { state });
  }

  network(isThere) {
    return this.#inPage("Network.emulateNetworkConditions", { offline: !isThere, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  }

  async step(seconds) {
    await this.run(`e2eClock.sleep(${seconds * 1000}, { isCounted: false })`);
    await this.#setClock();
  }

  /** Waits until the page says who is signed in; resolves with whether somebody is. */
  async settled() {
    return this.until("the page knows who is signed in", async () => {
      const user = await this.#text("user");
      return user === "" ? undefined : { isSignedIn: user === "Ada Lovelace" };
    });
  }

  async isSignedIn() {
    return (await this.settled()).isSignedIn;
  }

  async signIn() {
    await this.click("sign-in");
    await this.until("the user is signed in", () => this.isSignedIn());
  }

  /** Asks the API for something; resolves with the status, or why there was none. */
  async orders({ patienceMillis = PATIENCE_MILLIS } = {}) {
    await this.run("window.isAsked = true");
    await this.click("orders");
    const question = async () => {
      if ((await this.run("window.isAsked")) !== true) return "left the page";
      return (await this.#text("answer")) || undefined;
    };
    return this.until("an answer", question, patienceMillis).catch(() => "no answer");
  }

  click(id) {
    return this.run(`document.querySelector("#${id}").click()`);
  }

  async run(expression) {
    const { result, exceptionDetails } = await this.#inPage("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async until(what, question, patienceMillis = PATIENCE_MILLIS) {
    const ends = performance.now() + patienceMillis;
    while (performance.now() < ends) {
      // The page may go in the midst of the question.
      const answer = await question().catch(() => undefined);
      if (answer !== undefined && answer !== false) return answer;
      await delay(50);
    }
    throw new Error(`in vain: ${what}; ${await this.run("location.href + ' ' + document.body.innerText").catch(String)}`);
  }

  #text(id) {
    return this.run(`document.querySelector("#${id}").textContent`);
  }

  /** Documents that are loaded later have the same time. */
  async #setClock() {
    if (this.#clockScript !== undefined) await this.#inPage("Page.removeScriptToEvaluateOnNewDocument", { identifier: this.#clockScript });
    const source = `${CLOCK};\ne2eClock.sleep(${clock.ahead}, { isCounted: false });`;
    ({ identifier: this.#clockScript } = await this.#inPage("Page.addScriptToEvaluateOnNewDocument", { source }));
  }
}
