import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { cache, copyTree, isSource, keyOf } from "./cache.js";
import { run } from "./command.js";
import { BUILDS } from "./rows.js";

const SUITE = fileURLToPath(new URL("../", import.meta.url));
/** The project lies beside it, where its package.json looks for it. */
const TARBALL = "hallpass.tgz";
/** In a folder that is made: what was installed, so that the next one can begin with it. */
const INSTALLED = "installed.json";
/** What is done to a project stands in these. */
const HARNESS = ["cache.js", "command.js", "project.js"].map((name) => join(SUITE, "harness", name));
const MACHINE = [process.version, process.platform, process.arch];

const prepared = new Map();

/**
 * projects/`name` with its packages and the packed tarball installed, and built; resolves with its folder, outside of the
 * sources, where no other node_modules is above it. Made once for the same content, and only to be read.
 */
export async function prepare(name) {
  return join(await whole(name), name);
}

/** The same as a copy of the caller's own: for tools that write into a project, and tests that change it. */
export async function prepareCopy(name) {
  const { copy, remove } = await cache.copyOf(await whole(name));
  return { folder: join(copy, name), remove };
}

function whole(name) {
  if (!prepared.has(name)) prepared.set(name, make(name));
  return prepared.get(name);
}

async function make(name) {
  const tarball = process.env.HALLPASS_TARBALL;
  if (!tarball) throw new Error("HALLPASS_TARBALL must name the packed package (`cargo xtask test` sets it)");
  const sources = join(SUITE, "projects", name);
  const shared = join(SUITE, "shared");
  const builds = BUILDS[name] ?? [];
  const packed = await keyOf(tarball, [tarball], []);
  const key = await keyOf(SUITE, [sources, shared, ...HARNESS], [...MACHINE, packed, builds]);
  return cache.get(name, key, async (draft) => {
    const folder = join(draft, name);
    await mkdir(folder);
    for (const [from, to] of [[sources, folder], [shared, join(folder, "shared")]]) {
      await cp(from, to, { recursive: true, filter: (path) => isSource(relative(from, path)) });
    }
    await cp(tarball, join(draft, TARBALL));
    await install(name, draft, packed);
    for (const build of builds) await run("npm", ["run", ...build], { cwd: folder });
  });
}

/** Installs what the lock file says; goes on from the packages of an older folder where that said the same. */
async function install(name, draft, packed) {
  const folder = join(draft, name);
  const locks = ["package.json", "package-lock.json"].map((file) => join(folder, file));
  const locked = await keyOf(folder, locks, MACHINE);
  const older = await withPackages(name, locked);
  if (older === undefined) {
    await npm(folder, "ci");
  } else {
    await copyTree(join(older.folder, name, "node_modules"), join(folder, "node_modules"));
    if (older.packed !== packed) await npm(folder, "install", "--no-save", "--no-package-lock", `../${TARBALL}`);
  }
  await writeFile(join(draft, INSTALLED), JSON.stringify({ locked, packed }));
}

async function withPackages(name, locked) {
  for (const folder of await cache.all(name)) {
    const installed = JSON.parse(await readFile(join(folder, INSTALLED), "utf8"));
    if (installed.locked === locked) return { folder, packed: installed.packed };
  }
  return undefined;
}

function npm(folder, ...args) {
  return run("npm", [...args, "--no-audit", "--no-fund", "--prefer-offline"], { cwd: folder });
}
