import { createRouter, type RouteRecordRaw, type Router, type RouterHistory } from "vue-router";
import { auth } from "../auth";

/** The route named `sign-in` is for those without a user, those with `meta.isOpen` for all, every other one needs a user. */
export function createGuardedRouter(history: RouterHistory, routes: RouteRecordRaw[]): Router {
  const router = createRouter({ history, routes });

  router.beforeEach(async (to) => {
    await auth.ready; // not known yet: neither the page nor the sign-in
    const isSignedIn = auth.session.status === "signed-in";
    if (to.name === "sign-in") return isSignedIn ? returnTo(to.query["returnTo"]) : true;
    return isSignedIn || to.meta["isOpen"] === true ? true : { name: "sign-in", query: { returnTo: to.fullPath }, replace: true };
  });

  // Asks the guard again when somebody signs in or out, here or in another tab. Before the first page there is nothing to ask.
  void router.isReady().then(() =>
    auth.subscribe((_session, { type }) => {
      const { path, query, hash } = router.currentRoute.value;
      if (type === "signed-in" || type === "signed-out") void router.replace({ path, query, hash, force: true });
    }),
  );
  return router;
}

/** Anybody can write such a link: it leads to paths of this application only. */
function returnTo(query: unknown): string {
  return typeof query === "string" && /^\/(?![/\\])/.test(query) ? query : "/";
}
