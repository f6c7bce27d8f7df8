import { AuthError, type AuthErrorCode } from "hallpass";
import { ApiError } from "./api";

/** A failure in words for people, with the stable code beside it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof AuthError) {
    return { code: error.code, message: MESSAGES[error.code] ?? error.message, retryable: error.retryable };
  }
  if (error instanceof ApiError) {
    return { code: `http_${error.status}`, message: error.message, retryable: error.status >= 500 };
  }
  return { code: "network", message: "The server cannot be reached.", retryable: true };
}

/** The same for what a sign-in page came back with: no password was typed here. */
export function describeCallback(error: unknown): Failure {
  const failure = describeFailure(error);
  return failure.code === "sign_in_rejected" ? { ...failure, message: "The provider did not take the code. Please start again." } : failure;
}

const MESSAGES: Partial<Record<AuthErrorCode, string>> = {
  sign_in_rejected: "User name and password do not match.",
  sign_in_unavailable: "The sign-in server cannot be reached. Please try again.",
  sign_out_unavailable: "You are signed out on this device. The server could not be told.",
  signed_out: "The session has ended. Please sign in again.",
  refresh_rejected: "The server refused to renew the session.",
  refresh_unavailable: "The session could not be renewed right now. It will be tried again.",
  refresh_loop: "The session was renewed too often in a short time. Automatic renewal pauses for a minute.",
  invalid_response: "The server gave an answer that is not a token.",
  callback_unsolicited: "A sign-in link was opened that this tab did not ask for. It was ignored.",
  callback_state_mismatch: "The sign-in answer does not belong to this tab's request. It was refused.",
  callback_expired: "The sign-in took too long. Please start again.",
  callback_malformed: "The sign-in page came back with an answer that cannot be read.",
  callback_error: "The sign-in page reported an error.",
  provider_unavailable: "The provider cannot be reached. Please try again.",
  provider_mismatch: "The answer is not from the provider that was asked. It was refused.",
  fingerprint_missing: "The token is not bound to this browser. It was refused.",
  storage_unavailable: "This browser does not let the page store anything.",
  core_unavailable: "The session core could not be loaded.",
};
