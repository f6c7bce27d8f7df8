// The first step is answered with a ticket instead of tokens, whatever the status: `error.answer` has what the server said.
// The second step is a request of your own; its tokens begin the session.

import { AuthError, createAuth, type Session } from "hallpass";

const api = "https://api.example.com";
const auth = createAuth({ origins: [api], signIn: `${api}/sign-in`, refresh: `${api}/token` });

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

/** `code`: what the user's authenticator shows. */
export async function confirm(ticket: string, code: string): Promise<Session> {
  const response = await fetch(`${api}/sign-in/confirm`, {
    method: "POST",
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
