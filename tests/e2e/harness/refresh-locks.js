/** How many tabs of this page's origin hold the refresh lock (one at most), and how many wait for it. */
export function refreshLocks(page) {
  return page.run(async () => {
    const { held, pending } = await navigator.locks.query();
    const count = (locks) => locks.filter(({ name }) => /\.refresh(?:\.[0-9a-f]{64})?$/.test(name)).length;
    return { held: count(held), pending: count(pending) };
  });
}
