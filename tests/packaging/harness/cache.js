import { createHash } from "node:crypto";
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./command.js";

/** Of each name: two branches can be tested in turn. */
const KEPT = 2;
/** The last file that is written into a folder. */
const WHOLE = "whole";
/** Nothing is made, or worked on, for so long. */
const DAY_MS = 24 * 3600 * 1000;

/**
 * Folders by what they were made from. One is made under another name, and gets its own when it is whole; after that
 * nobody writes into it. Who has to works on a copy.
 */
export class Cache {
  #home;
  #made;
  #work;
  /** The folders that were asked for. */
  #used = new Set();
  /** What became of each name that was asked for, a line each. */
  told = [];

  /** @param {string} home all in it is the cache's */
  constructor(home) {
    this.#home = home;
    this.#made = join(home, "made");
    this.#work = join(home, "work");
  }

  /**
   * The folder `name` with this key; resolves with its path. Where it is not there, `make(draft)` fills an empty one.
   *
   * @param {string} name
   * @param {string} key from keyOf()
   * @param {(draft: string) => Promise<void>} make
   */
  async get(name, key, make) {
    const folder = join(this.#made, `${name}-${key}`);
    if (await exists(folder)) {
      this.told.push(`${name}: as it was`);
    } else {
      const begin = Date.now();
      await this.#fill(name, folder, make);
      this.told.push(`${name}: made in ${Math.round((Date.now() - begin) / 1000)} s`);
    }
    this.#used.add(folder);
    // For `tidy`, which keeps what was used last.
    const now = new Date();
    await utimes(folder, now, now);
    return folder;
  }

  async #fill(name, folder, make) {
    const draft = await this.#workFolder(name);
    try {
      await make(draft);
      await writeFile(join(draft, WHOLE), "");
      await mkdir(this.#made, { recursive: true });
      await rename(draft, folder).catch(async (error) => {
        // Another run was quicker: what it made is as good.
        if (!(await exists(folder))) throw error;
      });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  /** The folders of this name, the last used first. */
  async all(name) {
    const folders = (await entries(this.#made)).filter((entry) => nameOf(entry) === name).map((entry) => join(this.#made, entry));
    const times = new Map(await Promise.all(folders.map(async (folder) => [folder, (await stat(folder)).mtimeMs])));
    return folders.toSorted((one, other) => times.get(other) - times.get(one));
  }

  /** What was written into the folders of this run after they were whole, by its path: there must be none. */
  async written() {
    const found = [...this.#used].map(async (folder) => {
      const { mtimeMs } = await stat(join(folder, WHOLE));
      return writtenSince(mtimeMs, folder);
    });
    return (await Promise.all(found)).flat();
  }

  /** A copy of `folder` to write into, and what takes it away. */
  async copyOf(folder) {
    const copy = await this.#workFolder("copy");
    await copyTree(folder, copy);
    return { copy, remove: () => rm(copy, { recursive: true, force: true, maxRetries: 5 }) };
  }

  /** Removes what no run needs any more. */
  async tidy() {
    const names = new Set((await entries(this.#made)).map(nameOf));
    const old = [];
    for (const name of names) old.push(...(await this.all(name)).slice(KEPT));
    for (const draft of (await entries(this.#work)).map((entry) => join(this.#work, entry))) {
      if (Date.now() - (await stat(draft)).mtimeMs > DAY_MS) old.push(draft);
    }
    // Of times when this was done otherwise.
    const others = (await entries(this.#home)).map((entry) => join(this.#home, entry));
    old.push(...others.filter((path) => path !== this.#made && path !== this.#work));
    for (const path of old) await this.#remove(path);
  }

  /** Under another name first: nobody may find half of it. */
  async #remove(path) {
    const trash = await this.#workFolder("trash");
    await rename(path, join(trash, "it"));
    await rm(trash, { recursive: true });
  }

  async #workFolder(name) {
    await mkdir(this.#work, { recursive: true });
    return mkdtemp(join(this.#work, `${name}-`));
  }
}

/** Where no other node_modules is near. */
export const cache = new Cache(fileURLToPath(new URL("../../../target/packaging", import.meta.url)));

/** Copies what is in a folder. By the system's own command: for ten thousand files Node's needs three times as long. */
export async function copyTree(from, to) {
  await mkdir(to, { recursive: true });
  await run("cp", ["-R", `${from}/.`, to], { cwd: from });
}

/** A key from texts, and from files and folders by their contents and their names in `root`. */
export async function keyOf(root, paths, texts) {
  const hash = createHash("sha256").update(JSON.stringify(texts));
  for (const file of (await Promise.all(paths.map(files))).flat()) {
    const content = await readFile(file);
    hash.update(`\0${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

/** In node_modules only what tools keep there (`.cache`, `.vite`): packages are many, and lie still. */
async function writtenSince(timeMs, folder) {
  const isPackages = basename(folder) === "node_modules";
  const inside = await readdir(folder, { withFileTypes: true });
  const found = inside.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return isPackages && !entry.name.startsWith(".") ? [] : writtenSince(timeMs, path);
    return entry.isFile() && (await stat(path)).mtimeMs > timeMs ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

/** The files in `path`, or itself; what was installed there does not count. */
async function files(path) {
  if ((await stat(path)).isFile()) return [path];
  const inside = (await readdir(path)).filter(isSource).sort();
  return (await Promise.all(inside.map((name) => files(join(path, name))))).flat();
}

/** Whether a path in a folder is one of its sources. */
export function isSource(path) {
  return !path.split(/[\\/]/).includes("node_modules");
}

function nameOf(entry) {
  return entry.replace(/-[0-9a-f]{16}$/, "");
}

function entries(folder) {
  return readdir(folder).catch(() => []);
}

function exists(path) {
  return access(path).then(() => true, () => false);
}
