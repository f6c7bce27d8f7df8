import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** How the WebAssembly begins, as the core has it inlined. */
const CORE = /["'`]0061736d/;

/**
 * What Vite made, in `dist`: the chunk that the page names, the core's, and what the page preloads.
 *
 * @param {string} dist
 */
export async function chunksOf(dist) {
  const html = await readFile(join(dist, "index.html"), "utf8");
  const main = await chunk(dist, /<script[^>]* src="([^"]+)"/.exec(html)[1]);
  const names = (await readdir(join(dist, "assets"))).filter((name) => name.endsWith(".js"));
  const others = await Promise.all(names.map((name) => chunk(dist, `/assets/${name}`)));
  return {
    main,
    core: others.find(({ hasCore, name }) => hasCore && name !== main.name),
    preloaded: [...html.matchAll(/<link rel="modulepreload"[^>]* href="([^"]+)"/g)].map(([, name]) => name),
  };
}

async function chunk(dist, name) {
  const code = await readFile(join(dist, name));
  return { name, hasCore: CORE.test(code), gzip: gzipSync(code, { level: 9 }).length, brotli: brotliCompressSync(code).length };
}

export function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
