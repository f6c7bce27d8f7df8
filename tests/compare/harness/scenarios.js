import { setTimeout as delay } from "node:timers/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { Profile } from "./browser.js";
import { bundle } from "./bundle.js";

const HOUR = 3_600;
/** Longer than any of the clients' own timers. */
const SETTLE_MILLIS = 6_000;
/** Without a network after a sleep. */
const OFFLINE_MILLIS = 3_000;
const TABS = 10;

/**
 * What is done with each application, each time in a profile of its own.
 *
 * @typedef {{ stage: import("./stage.js").Stage, send: Function }} World
 */

/**
 * A reload: is the user still there, what does it cost at the provider, what lies in storage meanwhile; and what the
 * browser loads until the application has shown who is signed in and has had an answer of its API, the page's own script
 * left out.
 */
export async function reload(world, { files, main }) {
  return withProfile(world, async ({ tabs: [tab] }) => {
    world.stage.forget();
    await tab.reload();
    const isSignedIn = await tab.isSignedIn();
    const answer = await tab.orders();
    const { requests, scripts, provider } = world.stage;
    const own = sizeOf(...Object.values(await bundle("empty")));
    const size = { main: less(sizeOf(files, main), own), atStart: less(sizeOf(files, new Set(scripts)), own) };
    return { isSignedIn, answer, requests, tokensIn: await whereTokensAre(tab, provider.tokens), size };
  });
}

/** An hour of sleep, and the first request after it. */
export async function sleep(world) {
  return withProfile(world, async (profile) => {
    const [tab] = profile.tabs;
    world.stage.forget();
    await profile.sleep(HOUR);
    const first = await tab.orders();
    const [sentWith] = world.stage.api.statuses;
    await delay(SETTLE_MILLIS);
    return { first, sentExpired: sentWith === 401, later: await tab.orders(), isSignedIn: await tab.isSignedIn(), asked: [...world.stage.provider.asked] };
  });
}

/** The same; for the first seconds after it there is no network, and the user is impatient. */
export async function sleepOffline(world) {
  return withProfile(world, async (profile) => {
    const [tab] = profile.tabs;
    world.stage.forget();
    await profile.sleep(HOUR, { wakesOffline: true });
    const first = await tab.orders({ patienceMillis: OFFLINE_MILLIS });
    await delay(OFFLINE_MILLIS);
    await profile.network(true);
    await delay(SETTLE_MILLIS);
    return { first, later: await tab.orders(), isSignedIn: await tab.isSignedIn(), asked: [...world.stage.provider.asked] };
  });
}

/**
 * Ten tabs of one profile sleep for an hour, wake together, and each asks the API for something. Whether they are signed
 * in afterwards shows after one more hour: the API takes a token as long as it lasts, whatever became of its family.
 */
export async function tabs(world) {
  return withProfile(world, async (profile) => {
    world.stage.forget();
    const signIns = 1 + (await openTabs(profile, TABS));
    const sessions = 1 + world.stage.provider.asked.filter(({ grant }) => grant === "authorization_code").length;
    for (const tab of profile.tabs) await expect200(tab);
    world.stage.forget();
    await profile.sleep(HOUR);
    const first = await Promise.all(profile.tabs.map((tab) => tab.orders()));
    await delay(SETTLE_MILLIS);
    const { killed, asked } = world.stage.provider;
    const refreshes = asked.filter(({ grant }) => grant === "refresh_token");
    const outcome = { signIns, sessions, first, refreshes: refreshes.length, refused: refreshes.filter(({ outcome }) => outcome !== "ok").length, killed };
    await profile.sleep(HOUR);
    const later = [];
    for (const tab of profile.tabs) later.push(await tab.orders());
    return { ...outcome, later };
  });
}

/** Three tabs; in one of them the user signs out. */
export async function signOut(world) {
  return withProfile(world, async (profile) => {
    await openTabs(profile, 3);
    const [tab, ...others] = profile.tabs;
    await tab.click("sign-out");
    await tab.until("signed out", async () => !(await tab.isSignedIn()));
    await delay(SETTLE_MILLIS / 2);
    const states = await Promise.all(others.map((other) => other.isSignedIn()));
    return { otherTabsSignedOut: states.filter((isSignedIn) => !isSignedIn).length };
  });
}

// ──

/** With one tab, in which somebody is signed in. */
async function withProfile({ send }, action) {
  const profile = await new Profile(send).open();
  try {
    const tab = await profile.newTab();
    await tab.signIn();
    await expect200(tab);
    return await action(profile);
  } finally {
    await profile.close();
  }
}

/** Until there are so many; resolves with in how many of the new ones the user had to sign in. */
async function openTabs(profile, count) {
  let signIns = 0;
  while (profile.tabs.length < count) {
    const tab = await profile.newTab();
    if (await tab.isSignedIn()) continue;
    await tab.signIn();
    signIns += 1;
  }
  return signIns;
}

async function expect200(tab) {
  const answer = await tab.orders();
  if (answer !== "200") throw new Error(`the API was to answer: ${answer}`);
}

async function whereTokensAre(tab, { access_token: access, refresh_token: refresh }) {
  const places = [];
  for (const store of ["sessionStorage", "localStorage"]) {
    const text = await tab.run(`JSON.stringify(Object.entries(${store}))`);
    if ([access, refresh].some((token) => text.includes(token))) places.push(store);
  }
  return places;
}

function sizeOf(files, paths) {
  const contents = [...paths].map((path) => files.get(path));
  const sum = (compress) => contents.reduce((total, content) => total + compress(content).length, 0);
  return { brotli: sum(brotliCompressSync), gzip: sum((content) => gzipSync(content, { level: 9 })) };
}

function less(size, own) {
  return { brotli: size.brotli - own.brotli, gzip: size.gzip - own.gzip };
}
