// A browser's WebSocket sends no headers, and a token in its URL ends up in logs: send it as the first message.
// Each connection asks for a token anew, so that one after a night of sleep does not begin with an expired one.

import { createAuth, AuthError } from "hallpass";

const auth = createAuth({ origins: ["https://api.example.com"], refresh: "https://api.example.com/token" });

/** The code with which your server closes a connection whose token it does not like. */
const UNAUTHORIZED = 4401;

/** Keeps a connection open until the session ends. Returns the function that closes it. */
export function connect(url: string, onMessage: (data: unknown) => void): () => void {
  let socket: WebSocket | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let isOver = false;

  async function open(): Promise<void> {
    try {
      // Longer than the leeway: the server has to find it good, too.
      const token = await auth.token({ minValiditySeconds: 10 });
      if (isOver) return;
      const opened = (socket = new WebSocket(url));
      opened.onopen = () => {
        failures = 0;
        opened.send(JSON.stringify({ type: "authorize", token }));
      };
      opened.onmessage = ({ data }) => onMessage(data);
      opened.onclose = ({ code }) => {
        if (code === UNAUTHORIZED) auth.refresh().then(again, again);
        else again();
      };
    } catch (error) {
      if (error instanceof AuthError && error.retryable) again();
      // Otherwise nobody is signed in: the next sign-in connects again.
    }
  }

  function again(): void {
    if (isOver || auth.session.status !== "signed-in") return;
    clearTimeout(retry);
    retry = setTimeout(() => void open(), Math.random() * Math.min(30_000, 1_000 * 2 ** failures++));
  }

  function hangUp(): void {
    clearTimeout(retry);
    if (socket !== undefined) socket.onclose = null;
    socket?.close();
  }

  const unsubscribe = auth.subscribe((_session, change) => {
    if (change.type === "signed-in" || change.type === "signed-out") hangUp(); // another user, or none
    if (change.type === "signed-in") void open();
  });
  void open();
  return () => {
    isOver = true;
    unsubscribe();
    hangUp();
  };
}
