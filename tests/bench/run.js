/** Bundles the page, has headless Chromium run it, prints what it reports. */

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const PATIENCE_MILLIS = 180_000;
const here = (path) => new URL(path, import.meta.url).pathname;

const { outputFiles } = await build({
  entryPoints: [here("page/bench.js")],
  alias: { hallpass: here("../../pkg/dist/index.js") },
  bundle: true,
  minify: true,
  format: "esm",
  write: false,
  logLevel: "warning",
});
const files = new Map([
  ["/", ["text/html", `<!doctype html><title>bench</title><script src="/stub.js"></script><script type="module" src="/bench.js"></script>`]],
  ["/stub.js", ["text/javascript", await readFile(here("page/stub.js"))]],
  ["/bench.js", ["text/javascript", outputFiles[0].contents]],
]);

let reported;
const report = new Promise((resolve) => (reported = resolve));
const server = createServer(async (request, response) => {
  if (request.method === "POST") {
    let text = "";
    for await (const chunk of request) text += chunk;
    response.end();
    reported(JSON.parse(text));
    return;
  }
  const [type, body] = files.get(request.url) ?? [];
  response.writeHead(type === undefined ? 404 : 200, { "Content-Type": type ?? "text/plain" }).end(body);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const profile = await mkdtemp(join(tmpdir(), "hallpass-bench-"));
const browser = spawn(
  process.env.CHROME_BIN ?? "chromium",
  [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    `--user-data-dir=${profile}`,
    `http://127.0.0.1:${server.address().port}/`,
  ],
  { stdio: "ignore" },
);
const gone = new Promise((resolve) => browser.once("exit", resolve));
const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MILLIS, { error: "nothing was reported in time" }).unref());
const outcome = await Promise.race([report, late, gone.then(() => ({ error: "the browser ended" }))]);
browser.kill();
await gone;
server.close();
await rm(profile, { recursive: true, force: true, maxRetries: 5 });

if (Array.isArray(outcome)) {
  outcome.forEach(print);
} else {
  console.error(outcome.error, outcome.stack ?? "");
  process.exitCode = 1;
}

/** Ratios against the first of the group: what one would have written by hand. */
function print({ title, results }) {
  console.log(`\n${title}`);
  for (const { name, nanos } of results) {
    const ratio = (nanos / results[0].nanos).toFixed(2);
    console.log(`  ${name.padEnd(26)}${time(nanos).padStart(12)}${`${ratio} ×`.padStart(12)}`);
  }
}

function time(nanos) {
  return nanos < 1e6 ? `${(nanos / 1e3).toFixed(2)} µs` : `${(nanos / 1e6).toFixed(2)} ms`;
}
