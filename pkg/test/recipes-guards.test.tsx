import "@angular/compiler"; // Angular's own packages are compiled when they are used here
import type { Type } from "@angular/core";
import type * as IonicReact from "@ionic/react";
import type * as TanStackRouter from "@tanstack/react-router";
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { ReactElement } from "react";
import type * as Basic from "./recipes/auth.js";
import type * as Angular from "./recipes/guards/angular.js";
import type * as Ionic from "./recipes/guards/ionic.js";
import type * as ReactRouter from "./recipes/guards/react-router.js";
import type * as TanStack from "./recipes/guards/tanstack-router.js";
import type * as Vue from "./recipes/guards/vue-router.js";
import type { Auth } from "../src/index.js";
import type * as HallpassReact from "../src/adapters/react.js";
import { guardCases, type GuardedApp } from "./guard-cases.js";
import { Backend, runRecipes, shipped, type RunOptions } from "./recipe-world.js";

/* The recipes for guards, each with its router. */

let api: Backend;
before(async () => {
  api = await new Backend().open();
});
after(() => {
  api.close();
});
beforeEach(() => {
  api.reset();
});

const run = <T,>(name: string, options?: RunOptions): Promise<T & typeof Basic> => runRecipes<T & typeof Basic>(["auth", name], api.origin, options);

async function reactApp(auth: Auth, app: ReactElement, end: () => void): Promise<GuardedApp> {
  const { AuthProvider } = await shipped<typeof HallpassReact>("react");
  const { createRoot } = await import("react-dom/client");
  let root: ReturnType<typeof createRoot> | undefined;
  return {
    auth,
    show(container) {
      root = createRoot(container);
      root.render(<AuthProvider auth={auth}>{app}</AuthProvider>);
    },
    close() {
      root?.unmount();
      end();
      auth.close();
    },
  };
}

const COMES_BACK = "a deep link shows the sign-in and comes back; a sign-out elsewhere leaves the page; neither a reload nor the exchange of a code flashes";

for (const version of [6, 7]) {
  test(`React Router ${String(version)}: ${COMES_BACK}`, () =>
    guardCases(api, async (options) => {
      const library = version === 6 ? "react-router" : "react-router-7";
      const { auth, RequireAuth, RequireNoAuth } = await run<typeof ReactRouter>("guards/react-router", { ...options, alias: { "react-router": library } });
      const { createBrowserRouter, RouterProvider } = (await import(version === 6 ? "react-router-dom" : library)) as typeof import("react-router-dom");
      const router = createBrowserRouter([
        { element: <RequireAuth />, children: [{ path: "/orders/:id", element: <p>order 7</p> }] },
        { element: <RequireNoAuth />, children: [{ path: "/sign-in", element: <p>sign-in</p> }] },
      ]);
      return reactApp(auth, <RouterProvider router={router} />, () => {
        router.dispose();
      });
    }));
}

test(`TanStack Router: ${COMES_BACK}; loaders do not run without a user`, async () => {
  let loads: string[] = [];
  await guardCases(api, async (options) => {
    // As it is built for Node, the router takes itself to be on a server.
    const recipe = await run<typeof TanStack & typeof TanStackRouter>("guards/tanstack-router", { ...options, built: ["@tanstack/react-router"] });
    const { auth, requireAuth, requireNoAuth, signInSearch, followSession, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } = recipe;
    for (const returnTo of ["https://evil.test/", "//evil.test", "/\\evil.test", 7, undefined]) assert.deepEqual(signInSearch({ returnTo }), { returnTo: "/" });
    const top = createRootRoute({ component: Outlet });
    const inside = createRoute({ getParentRoute: () => top, id: "inside", beforeLoad: requireAuth, component: Outlet });
    const order = createRoute({ getParentRoute: () => inside, path: "/orders/$id", loader: () => void loads.push(auth.session.status), component: () => <p>order 7</p> });
    const signIn = createRoute({ getParentRoute: () => top, path: "/sign-in", validateSearch: signInSearch, beforeLoad: requireNoAuth, component: () => <p>sign-in</p> });
    const router = createRouter({ routeTree: top.addChildren([inside.addChildren([order]), signIn]) });
    return reactApp(auth, <RouterProvider router={router} />, followSession(router));
  });
  assert.ok(loads.length > 0 && loads.every((status) => status === "signed-in"), loads.join());
  loads = [];
});

test(`Vue Router: ${COMES_BACK}`, () =>
  guardCases(api, async (options) => {
    const { auth, createGuardedRouter } = await run<typeof Vue>("guards/vue-router", options);
    const { createApp, h } = await import("vue");
    const { createWebHistory, RouterView } = await import("vue-router");
    const router = createGuardedRouter(createWebHistory(), [
      { path: "/orders/:id", component: { render: () => h("p", "order 7") } },
      { path: "/sign-in", name: "sign-in", component: { render: () => h("p", "sign-in") } },
    ]);
    const app = createApp({ render: () => h(RouterView) }).use(router);
    return {
      auth,
      show: (container) => void app.mount(container),
      close() {
        app.unmount();
        auth.close();
      },
    };
  }));

test(`Angular: ${COMES_BACK}`, () =>
  guardCases(api, async (options) => {
    const { auth, forUsers, forGuests, guards } = await run<typeof Angular>("guards/angular", options);
    const { Component, provideZonelessChangeDetection } = await import("@angular/core");
    const { createApplication } = await import("@angular/platform-browser");
    const { provideRouter, RouterOutlet } = await import("@angular/router");
    const page = (text: string): Type<unknown> => Component({ selector: `app-${text.replace(" ", "-")}`, template: text })(function () {} as unknown as Type<unknown>);
    const Root = Component({ selector: "app-root", template: "<router-outlet />", imports: [RouterOutlet] })(function () {} as unknown as Type<unknown>);
    const routes = [
      { path: "orders/:id", component: page("order 7"), ...forUsers },
      { path: "sign-in", component: page("sign-in"), ...forGuests },
    ];
    const app = await createApplication({ providers: [provideZonelessChangeDetection(), provideRouter(routes), guards] });
    return {
      auth,
      show: (container) => void app.bootstrap(Root, container),
      close() {
        app.destroy();
        auth.close();
      },
    };
  }));

test(`Ionic: ${COMES_BACK}`, () =>
  guardCases(
    api,
    async (options) => {
      const { auth, App, IonPage } = await run<typeof Ionic & typeof IonicReact>("guards/ionic", { ...options, built: ["@ionic/react"] });
      const app = <App pages={{ "/orders/:id": <IonPage>order 7</IonPage> }} signIn={<IonPage>sign-in</IonPage>} />;
      return reactApp(auth, app, () => {});
    },
    "/orders/7",
  ));
