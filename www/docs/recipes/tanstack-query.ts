// Queries call `auth.fetch`: however many meet an expired token, one refresh runs, and each is sent once more.

import { QueryClient, queryOptions } from "@tanstack/react-query";
import { AuthError } from "hallpass";
import { auth } from "./auth";

export class HttpError extends Error {
  constructor(readonly status: number) {
    super(`The server answered ${status}.`);
  }
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await auth.fetch(`https://api.example.com${path}`, { signal: signal ?? null });
  if (!answer.ok) throw new HttpError(answer.status);
  return (await answer.json()) as T;
}

export const queryClient = new QueryClient({ defaultOptions: { queries: { retry: (failures, error) => failures < 3 && mayPass(error) } } });

export const orders = queryOptions({
  queryKey: ["orders"],
  queryFn: ({ signal }) => getJson<{ of: string }>("/orders", signal),
});

// Nothing of one user is left for the next. What is on the screen when somebody signs in is asked for anew.
auth.subscribe((_session, { type }) => {
  if (type === "signed-out") queryClient.clear();
  if (type === "signed-in") void queryClient.resetQueries();
});

/** A refused request stays refused, and a 401 has had its second chance. */
function mayPass(error: Error): boolean {
  if (error instanceof HttpError) return error.status >= 500;
  return !(error instanceof AuthError) || error.retryable;
}
