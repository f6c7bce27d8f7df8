// React Router 6 and 7. A signed-out deep link shows the sign-in and comes back, with its query and hash.

import { useSession } from "hallpass/react";
import type { ReactElement } from "react";
import { Navigate, Outlet, useLocation, type Location } from "react-router";

/** A layout route: `<Route element={<RequireAuth />}>` around the routes that need a user. */
export function RequireAuth(): ReactElement | null {
  const { status } = useSession();
  const location = useLocation();
  if (status === "loading") return null; // not known yet: neither the page nor the sign-in
  if (status === "signed-out") return <Navigate to="/sign-in" replace state={{ from: location }} />;
  return <Outlet />;
}

/** A layout route around the sign-in: left for the page that was asked for, as soon as there is a user. */
export function RequireNoAuth(): ReactElement | null {
  const { status } = useSession();
  // In the history entry, not in the address: nobody can write a link that leads elsewhere.
  const { from = "/" } = (useLocation().state ?? {}) as { from?: Location };
  if (status === "loading") return null;
  if (status === "signed-in") return <Navigate to={from} replace />;
  return <Outlet />;
}
