import { join } from "node:path";
import { startEngine } from "../../e2e/harness/engines.js";
import { freePort } from "../../e2e/harness/process.js";
import { ReferenceServer } from "../../e2e/harness/reference-server.js";
import { until } from "../../e2e/harness/until.js";
import { AppPage } from "./app-page.js";
import { run, start } from "./command.js";
import { AppProxy } from "./proxy.js";
import { prepare } from "./install.js";

/** Long enough for a sign-in, short enough to see it renewed: after 3.5 to 4 seconds. */
const ACCESS_SECONDS = 5;

/** The project's reference server, one for all rows. */
export async function startServer() {
  const server = await new ReferenceServer(".").start();
  await server.policy({ accessSeconds: ACCESS_SECONDS });
  return server;
}

const built = new Map();
const waiting = new Map();

/**
 * Installs, builds and serves a row's project; calls `play` with its proxy and a function that opens a browser of its
 * own; puts everything away again.
 *
 * @param {import("./rows.js").Row} row
 * @param {ReferenceServer} server
 * @param {(proxy: AppProxy, open: () => Promise<AppPage>, folder: string) => Promise<void>} play
 */
export function onStage(row, server, play) {
  // One row of a project at a time: they share its folder.
  const turn = (waiting.get(row.project) ?? Promise.resolve()).then(() => perform(row, server, play));
  waiting.set(row.project, turn.catch(() => undefined));
  return turn;
}

async function perform(row, server, play) {
  const folder = await prepare(row.project);
  if (row.build !== undefined) await build(folder, row.build);
  const clean = [];
  try {
    let upstream;
    if (row.serve !== undefined) {
      upstream = await freePort();
      clean.push(await serve(row.serve(upstream), folder, upstream));
    }
    const dirs = row.dirs?.map((dir) => join(folder, dir));
    await behindProxy({ api: server.api, dirs, upstream, base: row.base }, (proxy, open) => play(proxy, open, folder));
  } finally {
    for (const end of clean.reverse()) await end();
  }
}

/**
 * Serves what is built; calls `play` as `onStage` does.
 *
 * @param {ConstructorParameters<typeof AppProxy>[0]} place
 * @param {(proxy: AppProxy, open: () => Promise<AppPage>) => Promise<void>} play
 */
export async function behindProxy(place, play) {
  const clean = [];
  try {
    const proxy = await new AppProxy(place).start();
    clean.push(() => proxy.stop());
    await play(proxy, async () => {
      const browser = await startEngine("chromium");
      clean.push(() => browser.stop());
      return new AppPage(browser, proxy.origin);
    });
  } finally {
    for (const end of clean.reverse()) await end();
  }
}

/** Once per project and script. */
function build(folder, script) {
  const key = [folder, ...script].join(" ");
  if (!built.has(key)) built.set(key, run("npm", ["run", ...script], { cwd: folder }));
  return built.get(key);
}

async function serve([command, ...args], folder, port) {
  const child = start(join(folder, "node_modules/.bin", command), args, { cwd: folder });
  await until(`${command} listens`, async () => {
    if (child.isOver) throw new Error(`${command} ended: ${child.output}`);
    return fetch(`http://localhost:${port}/`).then(() => true, () => false);
  }, { seconds: 120, everyMs: 200 });
  return () => child.stop();
}
