import type { Batch } from "../../requests/report";
import { verdict } from "./verdict";

/** A batch in one line. */
export function summary({ rows, wire }: Batch): string {
  const good = rows.filter((row) => verdict(row) === "good").length;
  return `${good} of ${rows.length} right. On the wire: ${number(wire.requests, "request")}, ${number(wire.refreshes, "refresh", "es")}.`;
}

function number(count: number, noun: string, plural = "s"): string {
  return `${count === 0 ? "no" : count} ${noun}${count === 1 ? "" : plural}`;
}
