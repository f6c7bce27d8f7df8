import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEngine } from "../../e2e/harness/engines.js";
import { Page } from "../../e2e/harness/page.js";
import { BackEnd } from "./back-end.js";
import { APP, Front } from "./front.js";

const here = fileURLToPath(new URL("../", import.meta.url));

/**
 * Starts a row's server, both hosts and a browser; calls `play` with a tab that has the page open, the front and the
 * server; puts everything away again.
 *
 * @param {import("./rows.js").Row & { app?: string }} row `app`: an application's session, whose page is opened instead
 * @param {(page: Page, front: Front, server: BackEnd) => Promise<void>} play
 */
export function onStage(row, play) {
  const { app } = row;
  const script = app === undefined ? { entry: join(here, row.folder, "auth.ts") } : { entry: join(here, "apps/page.ts"), app: join(here, app) };
  return atServer(
    row,
    async (front, server) => {
      const browser = await startEngine("chromium", front.flags);
      try {
        const page = new Page(browser, await browser.driver.getWindowHandle());
        await open(page);
        await play(page, front, server);
      } finally {
        await browser.stop();
      }
    },
    script,
  );
}

/**
 * Starts a row's server and both hosts, without a browser; calls `play` with them; puts everything away again.
 *
 * @param {import("./rows.js").Row | import("./providers.js").Provider} row
 * @param {(front: Front, server: BackEnd) => Promise<void>} play
 * @param {{ entry: string, app?: string }} [script] of the page
 */
export async function atServer(row, play, script) {
  const server = new BackEnd(row);
  const front = new Front(server, script);
  try {
    await server.start();
    await front.start();
    await play(front, server);
  } catch (error) {
    const calls = front.calls.map(({ method, path, status, body }) => `\n  ${method} ${path} ${status} ${body}`);
    error.message += `\ncalls:${calls.join("")}`;
    throw error;
  } finally {
    await front.stop();
    await server.stop();
  }
}

/** Loads the page, anew where it is there already. */
export async function open(page) {
  await page.goto(`${APP}/`);
  await page.until("the page is there", () => window.backend !== undefined);
}
