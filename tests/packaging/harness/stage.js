import { join } from "node:path";
import { startEngine } from "../../e2e/harness/engines.js";
import { freePort } from "../../e2e/harness/process.js";
import { ReferenceServer } from "../../e2e/harness/reference-server.js";
import { until } from "../../e2e/harness/until.js";
import { AppPage } from "./app-page.js";
import { start } from "./command.js";
import { AppProxy } from "./proxy.js";
import { prepare, prepareCopy } from "./project.js";

/** Long enough for a sign-in, short enough to see it renewed: after 3.5 to 4 seconds. */
const ACCESS_SECONDS = 5;

/**
 * The project's reference server, one for all rows.
 *
 * @param {AppProxy[]} proxies whose pages may sign in there as at a provider, which has to know their addresses
 */
export async function startServer(proxies) {
  const server = await new ReferenceServer(".", proxies.flatMap(({ origin }) => ["--redirect-uri", `${origin}/`])).start();
  await server.policy({ accessSeconds: ACCESS_SECONDS });
  return server;
}

/**
 * Serves a row's project, as it is built or by its own server; calls `play` with its proxy and a function that opens a
 * browser of its own; puts everything away again. Such a server writes into the project, and a test may: it
 * gets a copy.
 *
 * @param {import("./rows.js").Row} row
 * @param {ReferenceServer} server
 * @param {(proxy: AppProxy, open: () => Promise<AppPage>, folder: string) => Promise<void>} play
 * @param {AppProxy} [given] one that listens already, and is the caller's to stop
 */
export async function onStage(row, server, play, given) {
  const clean = [];
  try {
    let folder;
    let upstream;
    if (row.serve === undefined) {
      folder = await prepare(row.project);
    } else {
      const copy = await prepareCopy(row.project);
      clean.push(copy.remove);
      ({ folder } = copy);
      upstream = await freePort();
      clean.push(await serve(row.serve(upstream), folder, upstream));
    }
    const dirs = row.dirs?.map((dir) => join(folder, dir));
    await behindProxy({ api: server.api, dirs, upstream, base: row.base }, (proxy, open) => play(proxy, open, folder), given);
  } finally {
    for (const end of clean.reverse()) await end();
  }
}

/**
 * Serves what is built; calls `play` as `onStage` does.
 *
 * @param {AppProxy["place"]} place
 * @param {(proxy: AppProxy, open: () => Promise<AppPage>) => Promise<void>} play
 * @param {AppProxy} [given]
 */
export async function behindProxy(place, play, given) {
  const clean = [];
  try {
    const proxy = given ?? (await new AppProxy().start());
    if (given === undefined) clean.push(() => proxy.stop());
    proxy.place = place;
    await play(proxy, async () => {
      const browser = await startEngine("chromium");
      clean.push(() => browser.stop());
      return new AppPage(browser, proxy.origin);
    });
  } finally {
    for (const end of clean.reverse()) await end();
  }
}

async function serve([command, ...args], folder, port) {
  const child = start(join(folder, "node_modules/.bin", command), args, { cwd: folder });
  await until(`${command} listens`, async () => {
    if (child.isOver) throw new Error(`${command} ended: ${child.output}`);
    return fetch(`http://localhost:${port}/`).then(() => true, () => false);
  }, { seconds: 120, everyMs: 200 });
  return () => child.stop();
}
