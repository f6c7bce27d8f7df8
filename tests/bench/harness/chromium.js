/**
 * Headless Chromium over its devtools protocol. Straight through a pipe: a driver between would switch on domains
 * (network, scripts, log) that slow down what is measured.
 */

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHROMIUM_FLAGS } from "../../e2e/harness/engines/chromium-flags.js";

/** @param {string[]} [flags] more of them */
export async function startChromium(flags = []) {
  const profile = await mkdtemp(join(tmpdir(), "hallpass-bench-"));
  const browser = spawn(
    process.env.CHROME_BIN ?? "chromium",
    [
      ...CHROMIUM_FLAGS,
      ...flags,
      "--remote-debugging-pipe",
      `--user-data-dir=${profile}`,
    ],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const ended = new Promise((resolve) => browser.once("exit", resolve));
  const send = connect(browser.stdio[3], browser.stdio[4], ended);
  return {
    send,
    openPage: (url, options) => openPage(send, url, options),
    async stop() {
      browser.kill();
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Commands and answers are JSON texts, each with a zero byte behind it. */
function connect(input, output, ended) {
  const pending = new Map();
  let lastId = 0;
  let text = "";
  output.setEncoding("utf8");
  output.on("data", (chunk) => {
    const messages = (text + chunk).split("\0");
    text = messages.pop();
    for (const message of messages) {
      const { id, result, error } = JSON.parse(message);
      const command = pending.get(id);
      pending.delete(id);
      if (error === undefined) command?.resolve(result);
      else command?.reject(new Error(`${command.method}: ${error.message}`));
    }
  });
  ended.then(() => {
    for (const { method, reject } of pending.values()) reject(new Error(`${method}: the browser ended`));
  });
  return (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      pending.set(lastId, { method, resolve, reject });
      input.write(`${JSON.stringify({ id: lastId, method, params, sessionId })}\0`);
    });
}

/**
 * Opens `url` in a context of its own: nothing is cached or stored there. `before` is a script that runs ahead of the
 * page's own, `slowdown` divides the speed of the page's thread. Returns what closes the context.
 */
async function openPage(send, url, { before, slowdown = 1 } = {}) {
  const { browserContextId } = await send("Target.createBrowserContext");
  const others = await renderers(send);
  const { targetId } = await send("Target.createTarget", { url: "about:blank", browserContextId });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const inPage = (method, params) => send(method, params, sessionId);
  await inPage("Page.enable");
  if (before !== undefined) await inPage("Page.addScriptToEvaluateOnNewDocument", { source: before });
  await inPage("Emulation.setCPUThrottlingRate", { rate: slowdown });
  await inPage("Page.navigate", { url });
  return {
    inPage,
    peakBytes: async () => peakBytes((await renderers(send)).filter((pid) => !others.includes(pid))),
    close: () => send("Target.disposeBrowserContext", { browserContextId }),
  };
}

async function renderers(send) {
  const { processInfo } = await send("SystemInfo.getProcessInfo");
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

/** The most memory that any of these processes has had so far, as Linux tells it. */
async function peakBytes(pids) {
  const peaks = await Promise.all(
    pids.map(async (pid) => {
      const [, kilobytes] = /^VmHWM:\s*(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, "utf8"));
      return Number(kilobytes) * 1024;
    }),
  );
  return Math.max(...peaks);
}
