import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Cache, isSource, keyOf } from "./harness/cache.js";

const KEYS = ["0000000000000001", "0000000000000002", "0000000000000003"];

describe("folders by what they were made from", () => {
  let home;
  beforeEach(async () => (home = await mkdtemp(join(tmpdir(), "hallpass-cache-"))));
  afterEach(() => rm(home, { recursive: true }));

  const writing = (text) => (draft) => writeFile(join(draft, "text"), text);
  const textIn = (folder) => readFile(join(folder, "text"), "utf8");
  const never = () => assert.fail("made again");
  const entries = (name) => readdir(join(home, name)).then((found) => found.sort(), () => []);

  it("one is made once for a key, by the next run too", async () => {
    const folder = await new Cache(home).get("a", KEYS[0], writing("one"));
    assert.equal(await textIn(folder), "one");
    const cache = new Cache(home);
    assert.equal(await cache.get("a", KEYS[0], never), folder);
    assert.deepEqual(cache.told, ["a: as it was"]);
    assert.equal(await textIn(await cache.get("a", KEYS[1], writing("two"))), "two");
    assert.equal(await textIn(await cache.get("a", KEYS[0], never)), "one");
  });

  it("what is not whole is not there", async () => {
    const cache = new Cache(home);
    const broken = async (draft) => {
      await writing("half")(draft);
      assert.deepEqual(await entries("made"), []);
      throw new Error("a broken source");
    };
    await assert.rejects(cache.get("a", KEYS[0], broken), /a broken source/);
    assert.deepEqual([await entries("made"), await entries("work")], [[], []]);
    assert.equal(await textIn(await cache.get("a", KEYS[0], writing("whole"))), "whole");
  });

  it("of two runs at once both get one that is whole", async () => {
    const [one, other] = [new Cache(home), new Cache(home)];
    const slow = async (draft) => {
      await other.get("a", KEYS[0], writing("other"));
      await writing("one")(draft);
    };
    assert.equal(await textIn(await one.get("a", KEYS[0], slow)), "other");
    assert.deepEqual([(await entries("made")).length, await entries("work")], [1, []]);
  });

  it("a copy is written into, and the folder stays as it was", async () => {
    const cache = new Cache(home);
    const folder = await cache.get("a", KEYS[0], writing("one"));
    const { copy, remove } = await cache.copyOf(folder);
    assert.equal(await textIn(copy), "one");
    await writing("changed")(copy);
    assert.equal(await textIn(folder), "one");
    await remove();
    assert.deepEqual(await entries("work"), []);
  });

  it("what is written into a folder later is found, be it among what tools keep beside the packages", async () => {
    const make = async (draft) => {
      await mkdir(join(draft, "node_modules/.vite"), { recursive: true });
      await writing("one")(draft);
    };
    const made = await new Cache(home).get("a", KEYS[0], make);
    // A clock of files may stand still for some milliseconds.
    for (const name of ["text", "whole"]) await utimes(join(made, name), 1, 1);
    const cache = new Cache(home);
    const folder = await cache.get("a", KEYS[0], never);
    assert.deepEqual(await cache.written(), []);
    const written = ["text", "node_modules/.vite/results.json", "dist.js"].map((path) => join(folder, path));
    for (const path of written) await writeFile(path, "later");
    assert.deepEqual((await cache.written()).sort(), written.sort());
  });

  it("of each name the two that were used last stay, and nothing of a run that was broken off a day ago", async () => {
    const cache = new Cache(home);
    for (const [at, key] of KEYS.entries()) {
      const folder = await cache.get("a", key, writing(key));
      await utimes(folder, at + 1, at + 1);
    }
    await cache.get("a", KEYS[0], never);
    await cache.get("a-b", KEYS[0], writing("b"));
    const [old, fresh] = [join(home, "work/a-old"), join(home, "work/a-new")];
    for (const folder of [old, fresh, join(home, "angular/node_modules")]) await mkdir(folder, { recursive: true });
    await utimes(old, 1, 1);
    await cache.tidy();
    assert.deepEqual(await entries("made"), [`a-${KEYS[0]}`, `a-${KEYS[2]}`, `a-b-${KEYS[0]}`]);
    assert.deepEqual(await entries("work"), ["a-new"]);
    assert.deepEqual(await entries("."), ["made", "work"]);
  });

  it("a key is of names, contents and texts, and not of what was installed", async () => {
    const write = async (path, text) => {
      await mkdir(join(home, path, ".."), { recursive: true });
      await writeFile(join(home, path), text);
    };
    const key = (texts = []) => keyOf(home, [join(home, "sources")], texts);
    await write("sources/src/a.js", "a");
    await write("sources/b.js", "b");
    const keys = [await key(), await key(["v20"])];
    for (const [path, text] of [["sources/src/a.js", "A"], ["sources/src/c.js", ""], ["sources/b.js", "bc"]]) {
      await write(path, text);
      keys.push(await key());
    }
    await rename(join(home, "sources/b.js"), join(home, "sources/d.js"));
    keys.push(await key());
    assert.equal(new Set(keys).size, keys.length);
    await write("sources/node_modules/c/c.js", "c");
    assert.equal(await key(), keys.at(-1));
    assert.deepEqual(["src/a.js", "node_modules/c", "src/node_modules/c"].map(isSource), [true, false, false]);
  });
});
