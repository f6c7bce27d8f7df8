/** Bundles the pages as applications would: minified, code that is loaded later in files of its own. */

import { readFile } from "node:fs/promises";
import { build } from "esbuild";

import { SIZES, tokenOf } from "../page/token.js";

export const STARTS = ["empty", "by-hand", "oidc-client-ts", "auth0-spa-js", "hallpass", "hallpass-slim"];
export const DECODERS = ["jose", "jwt-decode", "hallpass"];
export const TRANSFERS = ["fetch", "hallpass-fetch", "axios", "hallpass-axios"];

const here = (path) => new URL(`../${path}`, import.meta.url).pathname;

/** All files that the server has, by path. */
export async function bundlePages() {
  const pages = [
    "hot-paths",
    "sessions",
    ...STARTS.map((name) => `start/${name}`),
    ...DECODERS.map((name) => `first-calls/${name}`),
    ...TRANSFERS.map((name) => `transfers/${name}`),
  ];
  const files = new Map();
  await Promise.all(
    pages.map(async (page) => {
      const { outputFiles } = await build({
        entryPoints: [here(`page/${page}.js`)],
        entryNames: "main",
        outdir: "/",
        alias: {
          hallpass: here("../../pkg/dist/index.js"),
          "hallpass/axios": here("../../pkg/dist/axios.js"),
          "hallpass/slim": here("../../pkg/dist/slim.js"),
        },
        bundle: true,
        splitting: true,
        minify: true,
        format: "esm",
        target: "es2022",
        write: false,
        logLevel: "warning",
      });
      for (const { path, contents } of outputFiles) files.set(`/${page}${path}`, contents);
      files.set(`/${page}`, html(page));
    }),
  );
  const stub = await readFile(here("page/stub.js"));
  files.set("/stub.js", stub);
  files.set("/start/hallpass-slim/hallpass.wasm", await readFile(here("../../pkg/dist/hallpass.wasm")));
  for (const size of SIZES) files.set(`/token-${size}.txt`, tokenOf(size));
  return files;
}

function html(page) {
  const stub = page === "hot-paths" ? '<script src="/stub.js"></script>' : "";
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${page}</title><body>${stub}<script type="module" src="/${page}/main.js"></script>`;
}
