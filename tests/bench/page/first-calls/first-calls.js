import { reporting } from "../report.js";

/** How many calls follow the first one: what an application makes of them in its first minutes. */
const NEXT = 10;

/** Reports how long the first call of `decode` takes here, and how long the next ones, each, in nanoseconds. */
export function firstCalls(decode) {
  reporting(async () => {
    const size = new URLSearchParams(location.search).get("size");
    const token = await (await fetch(`/token-${size}.txt`)).text();
    const begin = performance.now();
    const claims = decode(token);
    const first = performance.now();
    for (let call = 0; call < NEXT; call += 1) decode(token);
    const end = performance.now();
    if (claims.sub !== "user-4711") throw new Error("the claims are wrong");
    return { first: (first - begin) * 1e6, next: ((end - first) * 1e6) / NEXT };
  });
}
