import assert from "node:assert/strict";
import { test } from "node:test";
import { storageKeys } from "../src/options/storage-keys.js";

test("whatever is kept under a name, no other name's session is kept there (SEC-37)", () => {
  const words = ["pending", "generation", "mark", "active", "x", "default"];
  const names = words.flatMap((one) => [one, ...words.flatMap((other) => [".", ":", "/", "hallpass:"].map((separator) => one + separator + other))]);
  const taken = new Map<string, string>();
  for (const name of names) {
    for (const key of Object.values(storageKeys(name)) as string[]) {
      assert.equal(taken.get(key), undefined, key);
      taken.set(key, name);
    }
  }
  assert.equal(taken.size, names.length * 5);
});

test("sessions of before live on", () => {
  assert.deepEqual(storageKeys("my.app"), {
    session: "hallpass.my.app",
    pending: "hallpass:pending.my.app",
    mark: "hallpass:mark.my.app",
    activity: "hallpass:active.my.app",
    generations: "hallpass:generation.my.app.",
  });
});
