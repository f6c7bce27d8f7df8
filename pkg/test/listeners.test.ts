import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { createListeners } from "../src/listeners.js";

const reported: unknown[] = [];
Object.assign(globalThis, { reportError: (error: unknown) => reported.push(error) });
afterEach(() => (reported.length = 0));

test("calls in the order of subscription, the same function as often as it was added", () => {
  const heard: string[] = [];
  const listeners = createListeners<[number]>();
  const a = (n: number): void => void heard.push(`a${String(n)}`);
  listeners.add(a);
  listeners.add((n) => heard.push(`b${String(n)}`));
  const endSecondA = listeners.add(a);
  listeners.emit(1);
  endSecondA();
  listeners.emit(2);
  assert.deepEqual(heard, ["a1", "b1", "a1", "a2", "b2"]);
});

test("a listener that throws or rejects is reported once and stops nobody (REL-32)", async () => {
  const heard: string[] = [];
  const listeners = createListeners<[]>();
  const [thrown, rejection] = [new Error("thrown"), new Error("rejected")];
  listeners.add(() => {
    throw thrown;
  });
  listeners.add(() => Promise.reject(rejection));
  listeners.add(() => heard.push("last"));
  listeners.emit();
  await Promise.resolve();
  assert.deepEqual(heard, ["last"]);
  assert.deepEqual(reported, [thrown, rejection]);
});

test("whoever is removed during dispatch is not called any more, whoever is added not yet (REL-32)", () => {
  const heard: string[] = [];
  const listeners = createListeners<[]>();
  listeners.add(() => {
    heard.push("first");
    endSecond();
    listeners.add(() => heard.push("late"));
  });
  const endSecond = listeners.add(() => heard.push("second"));
  listeners.add(() => heard.push("third"));
  listeners.emit();
  assert.deepEqual(heard, ["first", "third"]);
});

test("a change made by a listener reaches everybody after the first one (REL-29)", () => {
  const heard: string[] = [];
  const listeners = createListeners<[string]>();
  listeners.add((change) => {
    heard.push(`a:${change}`);
    if (change === "one") listeners.emit("two");
  });
  listeners.add((change) => heard.push(`b:${change}`));
  listeners.emit("one");
  assert.deepEqual(heard, ["a:one", "b:one", "a:two", "b:two"]);
});

test("after clear() nobody hears anything, even in the middle of a dispatch", () => {
  const heard: string[] = [];
  const listeners = createListeners<[]>();
  listeners.add(() => {
    heard.push("first");
    listeners.emit();
    listeners.clear();
  });
  listeners.add(() => heard.push("second"));
  listeners.emit();
  assert.deepEqual(heard, ["first"]);
});
