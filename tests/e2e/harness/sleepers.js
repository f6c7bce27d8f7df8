/**
 * All tabs sleep for so long, the server's clock too, and wake at one moment; each asks the API for something at once.
 * Resolves with the statuses that they got.
 *
 * No tab may wake before the last one sleeps, as on a real machine: a tab that hears of new tokens in the midst of it
 * would count their life on the clock of yesterday. So they tell each other, on a channel of their own.
 */
export async function sleepAndWakeTogether(world, pages, seconds) {
  await world.server.clock(seconds);
  for (const page of pages) await page.run(prepareSleep, `${world.server.api}/me`, seconds * 1000);
  await pages[0].run(wakeTogether, pages.length);
  const statuses = [];
  for (const page of pages) statuses.push(await page.run(() => window.asked));
  return statuses;
}

/** Runs in each tab. */
function prepareSleep(url, milliseconds) {
  const channel = new BroadcastChannel("e2e.sleep");
  window.sleeper = {
    channel,
    sleep: () => window.e2eClock.sleep(milliseconds, { isCounted: false }),
    wake: async () => {
      document.dispatchEvent(new Event("resume"));
      return (await window.hallpassDemo.auth.fetch(url)).status;
    },
  };
  window.asked = new Promise((resolve, reject) => {
    channel.addEventListener("message", ({ data }) => {
      if (data === "sleep") {
        window.sleeper.sleep();
        channel.postMessage("asleep");
      }
      if (data === "wake") window.sleeper.wake().then(resolve, reject);
    });
  });
}

/** Runs in the first. */
async function wakeTogether(count) {
  const { channel, sleep, wake } = window.sleeper;
  let asleep = 1;
  const all = new Promise((resolve) => {
    channel.addEventListener("message", ({ data }) => {
      if (data === "asleep") asleep += 1;
      if (asleep === count) resolve();
    });
  });
  channel.postMessage("sleep");
  sleep();
  await all;
  channel.postMessage("wake");
  window.asked = wake();
}
