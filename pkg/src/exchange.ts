import type { Host } from "./core.js";
import { nativeFetch } from "./platform.js";
import { type Endpoint, writeRequest } from "./request-writer.js";

/** An answer that arrived whole. */
export interface Reply {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly date: string | null;
  /** Empty where it is no UTF-8: no tokens are in that. */
  readonly body: string;
  /** A second copy of the answer, where somebody wants to see it. */
  readonly response: Response | undefined;
}

/** The endpoints of the options, by name. */
export interface Endpoints {
  signIn?: Endpoint;
  refresh?: Endpoint;
  signOut?: Endpoint;
}

/** No answer with tokens in it is longer. */
const LONGEST_BODY = 262_144;

/** What the core calls endpoints with. It decides what goes along, when to give up, and what an answer means. */
export function createExchange(endpoints: Endpoints, keepsCopy: boolean): Pick<Host, "send" | "read"> {
  async function read(response: Response): Promise<Reply> {
    const copy = keepsCopy ? response.clone() : undefined;
    const { status, headers } = response;
    return {
      status,
      retryAfter: headers.get("Retry-After"),
      date: headers.get("Date"),
      body: await readBody(response),
      response: copy,
    };
  }

  return {
    read,
    async send(name, load) {
      const endpoint = endpoints[name];
      if (endpoint === undefined) throw new TypeError(`There is no ${name} endpoint.`);
      return read(await nativeFetch(endpoint.url, writeRequest(endpoint, load)));
    },
  };
}

async function readBody({ body }: Response): Promise<string> {
  if (!body) return "";
  const reader = body.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    if (length > LONGEST_BODY) {
      reader.cancel().catch(() => undefined);
      throw new TypeError("The answer is too long.");
    }
  }
  const bytes = new Uint8Array(length);
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return "";
  }
}
