// EventSource sends no headers either. Server-sent events over `auth.fetch` do: each connection has a fresh token, a 401
// is refreshed and tried again, and the stream goes on where it broke off (`Last-Event-ID`).

import { createAuth, AuthError } from "hallpass";

const auth = createAuth({ origins: ["https://api.example.com"], refresh: "https://api.example.com/token" });

export interface ServerEvent {
  type: string;
  data: string;
}

/** The events of `url`, connection after connection, until `signal` aborts or the session ends. */
export async function* events(url: string, signal: AbortSignal): AsyncGenerator<ServerEvent, void> {
  let lastId = "";
  let waitMs = 1_000;
  while (!signal.aborted) {
    try {
      const headers = { Accept: "text/event-stream", ...(lastId !== "" && { "Last-Event-ID": lastId }) };
      const response = await auth.fetch(url, { headers, signal, cache: "no-store" });
      if (response.status === 401 || response.status === 204) return;
      if (!response.ok || response.body === null) throw new TypeError(`The server answered ${response.status}.`);
      for await (const block of blocksOf(response.body)) {
        const fields = new Map(block.split(/\r\n|\r|\n/).filter((line) => !line.startsWith(":")).map(fieldOf));
        lastId = fields.get("id") ?? lastId;
        if (/^\d+$/.test(fields.get("retry") ?? "")) waitMs = Number(fields.get("retry"));
        const data = dataOf(block);
        if (data !== undefined) yield { type: fields.get("event") ?? "message", data };
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof AuthError && !error.retryable) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** An empty line ends a block. */
async function* blocksOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const blocks = (text + part.value).split(/\r\n\r\n|\n\n|\r\r/);
    text = blocks.pop() ?? "";
    yield* blocks;
  }
}

function fieldOf(line: string): [name: string, value: string] {
  const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
  return [name, value];
}

function dataOf(block: string): string | undefined {
  const lines = block.split(/\r\n|\r|\n/).map(fieldOf).filter(([name]) => name === "data");
  return lines.length === 0 ? undefined : lines.map(([, value]) => value).join("\n");
}
