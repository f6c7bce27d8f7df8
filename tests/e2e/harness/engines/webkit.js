import { spawn } from "node:child_process";
import { Builder, Capabilities } from "selenium-webdriver";
import { classicCall } from "./classic.js";
import { openOnFreePort } from "./free-port.js";
import { freePort, stopProcess } from "../process.js";
import { until } from "../until.js";

/** WebKitGTK. Its driver serves one session per process, so each session has its own. Needs a display. */
export function start() {
  // Its errors do not say why; without a display no other port would help.
  return openOnFreePort(open, hasDisplay);
}

async function open() {
  if (!hasDisplay()) {
    throw new Error("WebKit needs a display: run the tests under xvfb-run, or with `cargo xtask e2e`");
  }
  const port = await freePort();
  const service = spawn(process.env.WEBKIT_DRIVER_BIN ?? "/usr/bin/WebKitWebDriver", [`--port=${port}`], {
    stdio: "ignore",
    // Without a graphics card every frame would go through a GL in software: six times the work of drawing it at once.
    env: { ...process.env, WEBKIT_DISABLE_DMABUF_RENDERER: "1" },
  });
  try {
    const address = `http://127.0.0.1:${port}`;
    await until("WebKitWebDriver answers", async () => (await fetch(`${address}/status`).catch(() => undefined))?.ok);
    const driver = await new Builder().usingServer(address).withCapabilities(capabilities()).build();
    return {
      driver,
      call: classicCall(driver),
      stop: async () => {
        await driver.quit().catch(() => undefined);
        await stopProcess(service);
      },
      // WebDriver gives no console log here: page/hooks.js records what the page writes.
      consoleLog: async () => [],
    };
  } catch (error) {
    await stopProcess(service);
    throw error;
  }
}

function hasDisplay() {
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

function capabilities() {
  return new Capabilities({
    browserName: "MiniBrowser",
    acceptInsecureCerts: true,
    "webkitgtk:browserOptions": {
      binary: process.env.WEBKIT_BROWSER_BIN ?? "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
      args: ["--automation"],
    },
  });
}
