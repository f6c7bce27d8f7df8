import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { createLocks } from "../src/locks.js";

type Request = (name: string, options: { signal: AbortSignal }, hold: () => Promise<void>) => Promise<unknown>;

const NOT_RUNNABLE = (): Error => new DOMException("The request callback is no longer runnable.", "AbortError");

/** The platform's locks, as far as they are asked here. */
function usingLocks(request: Request, query: () => Promise<unknown> = () => Promise.resolve({ held: [], pending: [] })): void {
  setLocks({ request, query });
}

function setLocks(locks: unknown): void {
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { locks } });
}

/** Refuses so many times, then grants. */
function refusing(times: number, refuse: () => Promise<unknown>): { asked: number; isHeld: boolean } {
  const seen = { asked: 0, isHeld: false };
  usingLocks(async (_name, _options, hold) => {
    seen.asked += 1;
    if (seen.asked <= times) {
      await refuse();
      return;
    }
    seen.isHeld = true;
    await hold();
    seen.isHeld = false;
  });
  return seen;
}

const soon = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

afterEach(() => {
  Reflect.deleteProperty(globalThis, "navigator");
});

test("where there are no Web Locks, there are none", async () => {
  assert.equal(globalThis.navigator?.locks, undefined, "this Node has them by now: test them here");
  assert.equal(await createLocks().acquire("a", 10), false);
  setLocks(undefined);
  assert.equal(await createLocks().acquire("a", 10), false);
  setLocks({});
  assert.equal(await createLocks().acquire("a", 10), false);
});

test("a request that was refused is made again: it is no missing lock (REL-26)", async () => {
  for (const times of [1, 2, 3]) {
    const seen = refusing(times, () => Promise.reject(NOT_RUNNABLE()));
    const release = await createLocks().acquire("a", 1_000);
    assert.equal(typeof release, "function", `after ${String(times)}`);
    assert.equal(seen.asked, times + 1);
    assert.ok(seen.isHeld);
    (release as () => void)();
    await soon(0);
    assert.ok(!seen.isHeld);
  }
});

test("whatever the refusal is, also one that is thrown at once", async () => {
  const refusals = [
    () => Promise.reject(new DOMException("not fully active", "InvalidStateError")),
    () => Promise.reject(new Error("anything")),
    () => {
      throw new TypeError("thrown, not rejected");
    },
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    () => Promise.reject(undefined),
  ];
  for (const refuse of refusals) {
    const seen = refusing(1, refuse);
    assert.equal(typeof (await createLocks().acquire("a", 1_000)), "function");
    assert.equal(seen.asked, 2);
  }
});

test("an origin that may have no locks has none, and is not asked twice", async () => {
  const seen = refusing(9, () => Promise.reject(new DOMException("opaque origin", "SecurityError")));
  assert.equal(await createLocks().acquire("a", 1_000), false);
  assert.equal(seen.asked, 1);
});

test("refused for ever: somebody may hold it, after two seconds and seven requests", async () => {
  const seen = refusing(Infinity, () => Promise.reject(NOT_RUNNABLE()));
  const started = Date.now();
  assert.equal(await createLocks().acquire("a", 10_000), true);
  assert.ok(Date.now() - started < 4_000);
  assert.equal(seen.asked, 7);
});

test("refused until patience ends: no request is made after that", async () => {
  const seen = refusing(Infinity, () => Promise.reject(NOT_RUNNABLE()));
  assert.equal(await createLocks().acquire("a", 50), true);
  const { asked } = seen;
  await soon(300);
  assert.equal(seen.asked, asked);
});

test("a request that never settles ends with patience, and a grant that comes then is given back at once", async () => {
  let grant: () => Promise<void> = () => Promise.resolve();
  usingLocks((_name, _options, hold) => {
    grant = hold;
    return new Promise(() => undefined);
  });
  assert.equal(await createLocks().acquire("a", 20), true);
  await grant();
});

test("refused after the grant: the lock is not asked for a second time", async () => {
  let asked = 0;
  usingLocks(async (_name, _options, hold) => {
    asked += 1;
    void hold();
    await soon(5);
    throw new DOMException("stolen", "AbortError");
  });
  assert.equal(typeof (await createLocks().acquire("a", 1_000)), "function");
  await soon(150);
  assert.equal(asked, 1);
});

test("our own abort is somebody else's lock, and is not asked again", async () => {
  let asked = 0;
  usingLocks((_name, { signal }) => {
    asked += 1;
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  });
  assert.equal(await createLocks().acquire("a", 20), true);
  await soon(100);
  assert.equal(asked, 1);
});

test("who cannot learn who holds it waits no longer than for one who does not move", async () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  for (const query of [never, () => Promise.reject(new Error("refused"))]) {
    usingLocks(() => never(), query);
    assert.equal(await createLocks().acquire("a", 50), true);
  }
});

test("given back before it came: the lock goes at once", async () => {
  const locks = createLocks();
  const seen = refusing(2, () => Promise.reject(NOT_RUNNABLE()));
  const acquired = locks.acquire("a", 1_000);
  locks.giveBack();
  await acquired;
  await soon(10);
  assert.ok(!seen.isHeld);
});
