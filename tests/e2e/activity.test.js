import assert from "node:assert/strict";
import { suite } from "./harness/suite.js";

/* Which signs of a person keep a session with an idle limit: what the browser's user does, and not what scripts do. */

const IDLE_SECONDS = 90;
/** Twice this is beyond the limit, once is not; the token outlives both. */
const PAUSE_MILLIS = 60_000;

/** What the driver does as a user would, and the event that the page has to have got by then. */
const BY_A_PERSON = {
  "a moving pointer": ["pointermove", (actions) => actions.move({ x: 200, y: 200 }).move({ x: 240, y: 260 }).move({ x: 280, y: 200 })],
  "a pressed button": ["pointerdown", (actions) => actions.click()],
  "a key": ["keydown", (actions) => actions.sendKeys("a")],
  // WebKit's driver has no wheel.
  "the wheel": ["wheel", (actions) => actions.scroll(200, 200, 0, 120), ["chromium", "firefox"]],
};

const BY_SCRIPTS = {
  nothing: () => undefined,
  "scrollTo()": (page) =>
    page.run(async () => {
      const scrolled = new Promise((resolve) => document.addEventListener("scroll", resolve, { once: true }));
      window.scrollTo(0, document.body.scrollHeight);
      await scrolled;
    }),
  "events that a script makes": (page) =>
    page.run(() => {
      const signs = [
        ...["pointerdown", "pointermove"].flatMap((name) => [1, 2].map((at) => new PointerEvent(name, { bubbles: true, screenX: at, screenY: at }))),
        new KeyboardEvent("keydown", { bubbles: true, key: "a" }),
        new WheelEvent("wheel", { bubbles: true, deltaY: 1 }),
        ...["touchstart", "touchmove"].map((name) => new Event(name, { bubbles: true })),
      ];
      for (const sign of signs) document.body.dispatchEvent(sign);
      document.body.click();
    }),
};

suite("activity", (test) => {
  for (const [what, [event, add, engines]] of Object.entries(BY_A_PERSON)) {
    test(`${what} keeps the session (SEC-05)`, async (world) => {
      const act = async (page) => {
        await page.run((event) => {
          const times = event === "pointermove" ? 2 : 1;
          window.signs = 0;
          document.addEventListener(event, ({ isTrusted }) => (window.signs += Number(isTrusted) / times));
        }, event);
        await add(page.driver.actions({ async: true })).perform();
        await page.until(`the page has got ${event}`, () => window.signs >= 1);
      };
      assert.equal(await afterwards(world, act), "signed-in");
    }, { engines });
  }
  test("reportActivity() keeps the session (SEC-05)", async (world) => {
    assert.equal(await afterwards(world, (page) => page.run(() => window.hallpassDemo.auth.reportActivity())), "signed-in");
  });
  for (const [what, act] of Object.entries(BY_SCRIPTS)) {
    test(`${what}: no activity, the session ends (SEC-05)`, async (world) => {
      assert.equal(await afterwards(world, act), "idle");
    });
  }
});

/** What the session is two thirds of the idle limit after `act`, which was two thirds of it after the sign-in. */
async function afterwards(world, act) {
  const page = await world.plainPage().open({ limits: { idleSeconds: IDLE_SECONDS } });
  await page.run(() => (document.body.style.height = "5000px"));
  await page.signIn();
  await sleep(page);
  await act(page);
  await sleep(page);
  return page.run(() => {
    const { status, reason } = window.hallpassDemo.auth.session;
    return reason ?? status;
  });
}

/** Two thirds of the idle limit pass; the page has noticed when this returns. */
async function sleep(page) {
  await page.front();
  await page.run(async (pause) => {
    window.e2eClock.sleep(pause, { isCounted: true });
    await window.hallpassDemo.auth.token().catch(() => undefined);
  }, PAUSE_MILLIS);
}
