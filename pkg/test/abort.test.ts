import assert from "node:assert/strict";
import { test } from "node:test";
import { getEventListeners } from "node:events";
import { abortable } from "../src/requests/abort.js";

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

test("without a signal it is the promise itself", () => {
  const promise = Promise.resolve(1);
  assert.equal(abortable(promise, undefined), promise);
  assert.equal(abortable(promise, null), promise);
});

test("rejects with the signal's reason, at once where it is aborted already (REL-21)", async () => {
  const reason = new Error("enough");
  await assert.rejects(abortable(new Promise(() => undefined), AbortSignal.abort(reason)), (error) => error === reason);
  const controller = new AbortController();
  const waiting = abortable(new Promise(() => undefined), controller.signal);
  controller.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
});

test("a timeout's reason is a TimeoutError", async () => {
  const keepAlive = setTimeout(() => undefined, 1000);
  await assert.rejects(abortable(new Promise(() => undefined), AbortSignal.timeout(1)), { name: "TimeoutError" });
  clearTimeout(keepAlive);
});

test("leaves no listener behind, whatever happens (REL-21)", async () => {
  const { signal } = new AbortController();
  await abortable(Promise.resolve(1), signal);
  await assert.rejects(abortable(Promise.reject(new Error("no")), signal));
  assert.equal(listenersOf(signal), 0);
});

test("only this caller's wait ends", async () => {
  const controller = new AbortController();
  let finish!: (value: string) => void;
  const shared = new Promise<string>((resolve) => (finish = resolve));
  const aborted = abortable(shared, controller.signal);
  const other = abortable(shared, new AbortController().signal);
  controller.abort(new Error("mine"));
  await assert.rejects(aborted, { message: "mine" });
  finish("done");
  assert.equal(await other, "done");
});
