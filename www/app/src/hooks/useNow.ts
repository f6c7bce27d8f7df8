import { useEffect, useState } from "react";

/** The time in milliseconds, read again every `interval` milliseconds. */
export function useNow(interval = 250): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, interval);
    return () => {
      clearInterval(timer);
    };
  }, [interval]);
  return now;
}
