import { useCallback, useRef, useState } from "react";
import { describeFailure, type Failure } from "../failure";
import type { Action } from "../requests/actions";
import type { Batch, Client } from "../requests/report";
import { watchWire } from "../requests/wire";

export interface Batches {
  readonly batches: readonly Batch[];
  /** Title of what runs now. */
  readonly running: string | null;
  readonly failure: Failure | null;
  readonly start: (action: Action, client: Client) => Promise<void>;
  readonly clear: () => void;
}

/** Runs actions one after the other and keeps their reports, newest first. */
export function useBatches(): Batches {
  const [batches, setBatches] = useState<readonly Batch[]>([]);
  const [running, setRunning] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const count = useRef(0);

  const start = useCallback(async (action: Action, client: Client) => {
    setRunning(action.title);
    setFailure(null);
    try {
      const batch = await carryOut(action, client, (count.current += 1));
      setBatches((former) => [batch, ...former]);
    } catch (error) {
      setFailure(describeFailure(error));
    } finally {
      setRunning(null);
    }
  }, []);

  const clear = useCallback(() => {
    setBatches([]);
  }, []);

  return { batches, running, failure, start, clear };
}

async function carryOut({ name, title, run }: Action, client: Client, id: number): Promise<Batch> {
  const wire = watchWire();
  const began = performance.now();
  try {
    const rows = await run(client);
    const milliseconds = Math.round(performance.now() - began);
    return { id, action: name, title, client, rows, milliseconds, wire: await wire() };
  } finally {
    // Watching ends here too where the action failed.
    void wire();
  }
}
