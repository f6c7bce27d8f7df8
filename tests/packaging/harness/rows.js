/**
 * The matrix: one row for each way to bring the package into a page, or into a program.
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {string} project under projects/
 * @property {string[]} [dirs] what is served, in the project; without it, `serve` is
 * @property {(port: number) => string[]} [serve] the project's own server
 * @property {string} [base] the path under which it is served
 * @property {boolean} [isBig] takes long to install and build
 */

/** @type {readonly Row[]} */
export const PAGES = [
  { name: "`<script type=\"module\">`, no bundler", project: "plain", dirs: ["."] },
  { name: "Vite, development server", project: "vite", serve: vite },
  { name: "Vite", project: "vite", dirs: ["dist"] },
  { name: "webpack", project: "webpack", dirs: ["dist", "public"] },
  { name: "webpack 4, with `hallpass/axios`", project: "webpack-4", dirs: ["dist", "public"] },
  { name: "Rollup", project: "rollup", dirs: ["dist", "public"] },
  { name: "esbuild", project: "esbuild", dirs: ["dist", "public"] },
  { name: "Parcel", project: "parcel", dirs: ["dist"] },
  { name: "React 18, StrictMode (esbuild)", project: "react-18", dirs: ["dist", "public"] },
  { name: "React 19, StrictMode (Vite, development server)", project: "react-19", serve: vite },
  { name: "Next.js, server and client", project: "next", serve: (port) => ["next", "start", "--port", String(port)], isBig: true },
  { name: "Angular CLI, zoneless", isBig: true, project: "angular", dirs: ["dist/zoneless/browser"] },
  { name: "Angular CLI, zone.js", isBig: true, project: "angular", dirs: ["dist/zone/browser"] },
];

/** What is built of a project for all its rows: npm scripts, with their arguments. */
export const BUILDS = {
  vite: [["build"], ["build", "--", "without", "--outDir", "../dist-without"], ["build", "--", "--config", "vite.preload.config.js", "--outDir", "dist-preload"]],
  webpack: [["build"]],
  "webpack-4": [["build"]],
  rollup: [["build"]],
  esbuild: [["build"]],
  parcel: [["build"]],
  "react-18": [["build"]],
  next: [["build"]],
  angular: [["build", "--", "zoneless"], ["build", "--", "zone"]],
  capacitor: [["build"]],
};

export const VITE = PAGES.find(({ name }) => name === "Vite");
export const NEXT = PAGES.find(({ project }) => project === "next");
export const HOT = PAGES.find(({ project }) => project === "react-19");
/** @type {Row} */
export const CAPACITOR = { name: "Capacitor", project: "capacitor", dirs: ["dist"], base: "/bundle/v1/" };

function vite(port) {
  return ["vite", "--port", String(port), "--strictPort", "--host", "localhost"];
}

/** @type {readonly { name: string, project: string, commands: string[][] }[]} */
export const PROGRAMS = [
  { name: "Node, ES module", project: "node", commands: [["node", "esm.mjs"]] },
  { name: "Node, CommonJS", project: "node", commands: [["node", "cjs.cjs"]] },
  { name: "Vitest, node and jsdom", project: "vitest", commands: [["npm", "test"]] },
  { name: "Jest, CommonJS", project: "jest", commands: [["npm", "test"]] },
];

/** Runtimes for `hallpass/server`. `version` tells whether one is there: those of npm come as programs for some systems only. */
export const SERVERS = [
  { name: "Node", version: ["node", "--version"], command: ["node", "verify.js"] },
  { name: "Deno", version: ["npx", "deno", "--version"], command: ["npx", "deno", "run", "--no-prompt", "--allow-net=127.0.0.1", "verify.js"] },
  { name: "Bun", version: ["npx", "bun", "--version"], command: ["npx", "bun", "verify.js"] },
];
