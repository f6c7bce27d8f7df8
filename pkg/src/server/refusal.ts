import type { UnauthorizedCode } from "./types.js";

/** Why a request is refused, before it is known how that is told. */
export class Refusal extends Error {
  readonly code: UnauthorizedCode;

  /** What went wrong, where that was not the request. */
  readonly reason: unknown;

  constructor(code: UnauthorizedCode, reason?: unknown) {
    super(code);
    this.code = code;
    this.reason = reason;
  }
}
