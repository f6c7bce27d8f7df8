import {
  getCurrentInstance,
  getCurrentScope,
  inject,
  onMounted,
  onScopeDispose,
  shallowRef,
  type InjectionKey,
  type Plugin,
  type ShallowRef,
} from "vue";
import { internalsOf } from "../internals.js";
import { pageBase } from "../platform/page.js";
import type { Auth, JwtClaims, Session } from "../types.js";

const AUTH: InjectionKey<Auth<object>> = Symbol("hallpass");

/** Makes `auth` known to an application: `app.use(createAuthPlugin(auth))`. Create `auth` outside of any component. */
export function createAuthPlugin(auth: Auth<object>): Plugin<[]> {
  internalsOf(auth); // a wrong argument is told here, and not by the first component
  return {
    install(app) {
      app.provide(AUTH, auth);
    },
  };
}

/** The `auth` of {@link createAuthPlugin}: in `setup`, or wherever the application lets one inject (its router's guards, for example). */
export function useAuth<C extends object = JwtClaims>(): Auth<C> {
  const auth = inject(AUTH, undefined);
  if (auth === undefined) throw new Error("useAuth() needs app.use(createAuthPlugin(auth)).");
  return auth as Auth<C>;
}

/** The current session; it follows every change until the scope that it was made in ends. `loading` on the server. */
export function useSession<C extends object = JwtClaims>(): Readonly<ShallowRef<Session<C>>> {
  const auth = useAuth<C>();
  const session = shallowRef<Session<C>>(auth.session);
  // On a server nothing ever changes, and no scope ends.
  if (pageBase() === undefined) return session;

  const follow = (): void => {
    session.value = auth.session;
  };
  const unwatch = internalsOf(auth).watch(follow);
  if (getCurrentScope() !== undefined) onScopeDispose(unwatch);
  if (isHydrating()) {
    // The server's markup says "loading": the first rendering has to say the same.
    session.value = LOADING;
    onMounted(follow);
  }
  return session;
}

const LOADING = Object.freeze({ status: "loading" as const });

/** A component that takes over markup of the server has its element before its `setup` runs. */
function isHydrating(): boolean {
  const element: unknown = getCurrentInstance()?.vnode.el;
  return element !== null && element !== undefined;
}
