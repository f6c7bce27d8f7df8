import { useCallback, useState } from "react";
import { describeFailure, type Failure } from "../failure";

export interface Task<A extends unknown[]> {
  run: (...args: A) => Promise<void>;
  busy: boolean;
  failure: Failure | null;
}

/** Runs `work` for a button: says while it runs and keeps what went wrong, in the words of `describe`, until it runs again. */
export function useTask<A extends unknown[]>(
  work: (...args: A) => Promise<unknown>,
  describe: (error: unknown) => Failure = describeFailure,
): Task<A> {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const run = useCallback(
    async (...args: A) => {
      setBusy(true);
      setFailure(null);
      try {
        await work(...args);
      } catch (error) {
        setFailure(describe(error));
      } finally {
        setBusy(false);
      }
    },
    [work, describe],
  );
  return { run, busy, failure };
}
