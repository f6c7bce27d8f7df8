import { AuthError } from "hallpass";

/** The ticket for the second step, where a sign-in was refused because the server wants a second factor. */
export function ticketOf(error: unknown): string | null {
  if (!(error instanceof AuthError) || error.oauthError !== "mfa_required") return null;
  const { ticket } = (error.answer ?? {}) as { ticket?: unknown };
  return typeof ticket === "string" ? ticket : null;
}

/** Whether the ticket is good for no further code: the sign-in begins anew with the password. */
export function isTicketGone(error: unknown): boolean {
  return error instanceof AuthError && error.oauthError === "expired_token";
}
