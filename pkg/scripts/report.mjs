// What users get, in two committed reports: a change to either is a change that somebody has to mean.
//
//   report/api/*.d.ts    the public types, without comments
//   report/tarball.txt   the files of the packed package
//
// `npm run report` writes them from dist/; with `--check` it only says what differs.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "report");

const reports = new Map([["tarball.txt", tarball()], ...types()]);
const committed = existsSync(folder) ? readdirSync(folder, { recursive: true }).filter((name) => /\.\w+$/.test(name)) : [];
const names = new Set([...reports.keys(), ...committed.map((name) => name.replaceAll("\\", "/"))]);

if (process.argv.includes("--check")) {
  const differing = [...names].filter((name) => read(name) !== reports.get(name));
  for (const name of differing) console.error(`pkg/report/${name}\n${difference(read(name) ?? "", reports.get(name) ?? "")}`);
  if (differing.length > 0) {
    console.error('What the package gives its users has changed. If that was meant: "npm run report" in pkg, and a line in CHANGELOG.md.');
    process.exit(1);
  }
} else {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "api"), { recursive: true });
  for (const [name, text] of reports) writeFileSync(join(folder, name), text);
}

function types() {
  const dist = join(root, "dist");
  const printer = ts.createPrinter({ removeComments: true });
  return readdirSync(dist)
    .filter((name) => name.endsWith(".d.ts"))
    .map((name) => {
      const source = ts.createSourceFile(name, readFileSync(join(dist, name), "utf8"), ts.ScriptTarget.Latest);
      return [`api/${name}`, printer.printFile(source)];
    });
}

/** The names in the tarball, sorted. Packed anew where nobody says which one is meant. */
function tarball() {
  const temporary = mkdtempSync(join(tmpdir(), "hallpass-report-"));
  try {
    const packed = process.env.HALLPASS_TARBALL ?? pack(temporary);
    const list = execFileSync("tar", ["-tzf", packed], { encoding: "utf8" });
    return list.trim().split("\n").map((name) => name.replace(/^package\//, "")).sort().join("\n") + "\n";
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

function pack(destination) {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  execFileSync(npm, ["pack", "--silent", "--ignore-scripts", "--pack-destination", destination], { cwd: root, stdio: "ignore" });
  return join(destination, readdirSync(destination)[0]);
}

function read(name) {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Lines that only one of the two has. */
function difference(before, after) {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const only = (lines, others, sign) => lines.filter((line) => !others.includes(line)).map((line) => `  ${sign} ${line}`);
  return [...only(old, now, "-"), ...only(now, old, "+")].join("\n");
}
