import type { ReactNode } from "react";
import { mutate, SWRConfig } from "swr";
import { auth } from "./auth";

/** `useSWR("/orders")` anywhere below. */
export function DataProvider({ children }: { children: ReactNode }) {
  return <SWRConfig value={{ fetcher: getJson, shouldRetryOnError: mayPass }}>{children}</SWRConfig>;
}

export class HttpError extends Error {
  constructor(readonly status: number) {
    super(`The server answered ${status}.`);
  }
}

async function getJson(path: string): Promise<unknown> {
  const answer = await auth.fetch(`https://api.example.com${path}`);
  if (!answer.ok) throw new HttpError(answer.status);
  return answer.json();
}

// Nothing of one user is left for the next. What is on the screen when somebody signs in is asked for anew.
auth.subscribe((_session, { type }) => {
  if (type === "signed-out" || type === "signed-in") void mutate(() => true, undefined, { revalidate: type === "signed-in" });
});

/** A refused request stays refused, and a 401 has had its second chance. */
function mayPass(error: Error): boolean {
  return !(error instanceof HttpError) || error.status >= 500;
}
