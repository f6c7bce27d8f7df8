import assert from "node:assert/strict";
import { test } from "node:test";
import { createPeers, readWord, type Peers, type Word } from "../src/devtools/peers.js";

const word = (id: string, kind: Word["kind"] = "here", path = `/${id}`): Word => ({ id, kind, path, status: "signed in", expiresAt: null });

/** What is seen of them: `a`, or `a?` where it is silent. */
const seen = (peers: Peers): string => peers.others().map(({ path, isSilent }) => path.slice(1) + (isSilent ? "?" : "")).join(" ");

test("known from the first word, in that order; the last word counts; a goodbye ends it at once", () => {
  const peers = createPeers();
  assert.deepEqual([peers.heard(word("a", "ask")), peers.heard(word("b")), peers.heard(word("a"))], [true, true, false]);
  assert.equal(seen(peers), "a b");
  peers.heard({ ...word("a"), path: "/c", status: "stale", expiresAt: 5 });
  assert.deepEqual(peers.others()[0], { path: "/c", status: "stale", expiresAt: 5, isSilent: false });
  assert.equal(peers.heard(word("a", "gone")), false);
  assert.equal(seen(peers), "b");
  peers.heard(word("nobody", "gone"));
  assert.equal(seen(peers), "b");
});

test("who leaves questions unanswered is silent, then gone, without any goodbye", () => {
  const peers = createPeers();
  peers.heard(word("a"));
  const steps = [0, 1, 2, 3].map(() => {
    peers.asked();
    return seen(peers);
  });
  assert.deepEqual(steps, ["a", "a?", "a?", ""]);
});

test("who answers stays as it is, however late before the next question", () => {
  const peers = createPeers();
  peers.heard(word("a"));
  for (let round = 0; round < 50; round += 1) {
    peers.asked();
    assert.equal(seen(peers), "a", "asked, and not answered yet");
    peers.heard(word("a"));
    assert.equal(seen(peers), "a");
  }
});

test("one answer that came too late is forgiven, and a tab that was frozen comes back with its first word", () => {
  const peers = createPeers();
  peers.heard(word("a"));
  peers.asked();
  peers.asked();
  assert.equal(seen(peers), "a?");
  peers.heard(word("a", "ask"));
  assert.equal(seen(peers), "a", "its own question is a sign of life, too");
  for (let round = 0; round < 9; round += 1) peers.asked();
  assert.equal(seen(peers), "");
  peers.heard(word("a"));
  assert.equal(seen(peers), "a");
});

test("time alone makes nobody silent: a tab that did not ask has not waited for an answer", () => {
  const peers = createPeers();
  peers.heard(word("a"));
  peers.asked();
  assert.equal(seen(peers), "a", "asked before the night, and again after it");
  peers.heard(word("a"));
  peers.asked();
  assert.equal(seen(peers), "a");
});

test("one that is gone makes no other one gone", () => {
  const peers = createPeers();
  for (const id of ["a", "b", "c"]) peers.heard(word(id));
  for (let round = 0; round < 9; round += 1) {
    peers.asked();
    peers.heard(word("a"));
    peers.heard(word("c"));
  }
  assert.equal(seen(peers), "a c");
});

test("made-up names find an end, and make room when they are silent", () => {
  const peers = createPeers();
  const answers = Array.from({ length: 1_000 }, (_, n) => peers.heard(word(`n${String(n)}`)));
  assert.equal(peers.others().length, 100);
  assert.equal(answers.filter(Boolean).length, 100, "the others are not worth an answer each");
  for (let round = 0; round < 4; round += 1) peers.asked();
  assert.equal(peers.heard(word("a")), true);
  assert.equal(seen(peers), "a");
});

test("other words on the channel are none", () => {
  for (const data of [
    null,
    5,
    "ask",
    {},
    { ...word("a"), kind: "stay" },
    { ...word("a"), path: {} },
    { ...word("a"), status: "s".repeat(501) },
    { ...word("a"), id: "i".repeat(501) },
    { ...word("a"), id: 7 },
  ]) {
    assert.equal(readWord(data), undefined);
  }
  assert.deepEqual(readWord({ ...word("a"), expiresAt: "5", token: "t" }), word("a"));
});
