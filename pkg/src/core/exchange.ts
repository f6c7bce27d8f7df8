import { AuthError } from "../error.js";
import { getter, lasting } from "../platform/originals.js";
import { type Endpoint, type Load, writeRequest } from "./request-writer.js";
import type { TokenHeader } from "../options/token-header.js";

/** An answer that arrived whole. */
export interface Reply {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly date: string | null;
  readonly body: string;
  /** Why there is no body: the answer is too long or a redirect, or the request could not be written. */
  readonly trouble: "long" | "redirect" | "unsent" | undefined;
  /** A second copy of the answer, where the application wants to see it. */
  readonly response: Response | undefined;
}

/** The endpoints of the options, by name. */
export interface Endpoints {
  signIn?: Endpoint;
  refresh?: Endpoint;
  signOut?: Endpoint;
}

/** What calls them. */
export interface Sending {
  readonly endpoints: Endpoints;
  readonly header: TokenHeader;
  readonly fetch: typeof globalThis.fetch;
}

/** How the core calls endpoints, and reads what the application got. */
export interface Exchange {
  /** Calls an endpoint. Rejects where no answer arrives. */
  send(endpoint: keyof Endpoints, load: Load): Promise<Reply>;
  /** Reads an answer that the application got. */
  read(response: Response): Promise<Reply>;
}

/** No answer with tokens in it is longer. */
const LONGEST_BODY = 262_144;

const UNSENT: Reply = { status: 0, retryAfter: null, date: null, body: "", trouble: "unsent", response: undefined };

/** What the core calls endpoints with. It decides what goes along, when to give up, and what an answer means. */
export function createExchange({ endpoints, header, fetch }: Sending, keepsCopy: boolean): Exchange {
  async function read(response: Response): Promise<Reply> {
    const copy = keepsCopy ? response.clone() : undefined;
    const { status, headers } = response;
    const isRedirect = response.type === "opaqueredirect" || /^30[12378]$/.test(String(status));
    const body = isRedirect ? "" : await readBody(response);
    return {
      status,
      retryAfter: headers.get("Retry-After"),
      date: headers.get("Date"),
      body: body ?? "",
      trouble: isRedirect ? "redirect" : body === undefined ? "long" : undefined,
      response: copy,
    };
  }

  return {
    read,
    async send(name, load) {
      const endpoint = endpoints[name];
      if (endpoint === undefined) throw new TypeError(`There is no ${name} endpoint.`);
      let init: RequestInit;
      try {
        init = writeRequest(endpoint, load, header);
      } catch (error) {
        if (error instanceof AuthError) return UNSENT;
        throw error;
      }
      return await read(lastingResponse(await fetch(endpoint.url, init)));
    },
  };
}

/** The text, as `Response.text()` reads it; `undefined` where it is too long. */
async function readBody({ body }: Response): Promise<string | undefined> {
  if (!body) return "";
  const reader = lastingReader(lastingStream(body).getReader());
  const decoder = lastingDecoder(new TextDecoder());
  let text = "";
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += lengthOf(value);
    if (length > LONGEST_BODY) {
      reader.cancel().catch(() => undefined);
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

const { TextDecoder } = globalThis;
const lastingResponse = lasting<Response>("Response");
const lastingStream = lasting<ReadableStream<Uint8Array>>("ReadableStream");
const lastingReader = lasting<ReadableStreamDefaultReader<Uint8Array>>("ReadableStreamDefaultReader");
const lastingDecoder = lasting<TextDecoder>("TextDecoder");
const lengthOf = getter(Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array, "length");
