import { follow, ignore, Promise } from "../platform/originals.js";

/**
 * `promise`, or the signal's reason if that comes first. Only this caller's wait ends: whatever
 * `promise` stands for goes on. The listener is removed either way.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (signal === null || signal === undefined) return promise;
  if (signal.aborted) {
    void follow(promise, ignore, ignore); // no caller is left to hear of it
    return Promise.reject(abortReason(signal));
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      reject(abortReason(signal));
    };
    const done = (): void => {
      signal.removeEventListener("abort", onAbort);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    void follow(
      promise,
      (value) => {
        done();
        resolve(value);
      },
      (error: unknown) => {
        done();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
        reject(error);
      },
    );
  });
}

/** Why `signal` was aborted, in engines without `signal.reason` too. */
function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  // Any value may be a reason, and callers get exactly that one.
  return reason === undefined ? new DOMException("The operation was aborted.", "AbortError") : (reason as Error);
}
