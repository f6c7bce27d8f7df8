// A right password is answered with a ticket instead of tokens, whatever the status: `error.answer` has what the server
// said. Ticket and code go to the same address, and the tokens begin the session.

import { AuthError, createAuth, type Session } from "hallpass";

const api = "https://api.example.com";
const auth = createAuth({ origins: [api], signIn: `${api}/auth`, refresh: `${api}/token` });

/** The session, or the ticket for the second step. */
export async function signIn(username: string, password: string): Promise<Session | { ticket: string }> {
  try {
    return await auth.signIn({ username, password });
  } catch (error) {
    const ticket = error instanceof AuthError ? ticketIn(error.answer) : undefined;
    if (ticket === undefined) throw error;
    return { ticket };
  }
}

/**
 * `code`: what the user's authenticator shows. A wrong one rejects with `sign_in_rejected`, and `error.oauthError` tells
 * it (`invalid_grant`) from a ticket that is gone (`expired_token`): back to the password then.
 */
export function confirm(ticket: string, code: string): Promise<Session> {
  return auth.signIn({ ticket, code });
}

/** The same where the second step has an address of its own. With `credentials`, the cookies that it sets are kept. */
export async function confirmElsewhere(ticket: string, code: string): Promise<Session> {
  const response = await fetch(`${api}/auth/code`, {
    method: "POST",
    credentials: "include",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ticket, code }),
  });
  if (!response.ok) throw new Error("The code is wrong, or too old.");
  const tokens = (await response.json()) as { access_token: string; refresh_token: string; expires_in: number };
  return auth.accept({ accessToken: tokens.access_token, refreshToken: tokens.refresh_token, expiresIn: tokens.expires_in });
}

function ticketIn(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null || !("ticket" in answer)) return undefined;
  return typeof answer.ticket === "string" ? answer.ticket : undefined;
}
