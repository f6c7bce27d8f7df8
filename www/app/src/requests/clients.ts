import { isAxiosError } from "axios";
import { auth, axios } from "../auth";
import type { Client } from "./report";

export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly body?: BodyInit;
}

export interface Incoming {
  /** `null`: no answer came. */
  readonly status: number | null;
  /** The JSON of the answer, if it is that. */
  readonly body: unknown;
}

/** Sends a request the way an application would, and never throws. */
export function send(client: Client, request: Outgoing): Promise<Incoming> {
  return client === "fetch" ? byFetch(request) : byAxios(request);
}

async function byFetch({ method, url, body }: Outgoing): Promise<Incoming> {
  try {
    const response = await auth.fetch(url, { method, ...(body === undefined ? {} : { body }) });
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch {
    return { status: null, body: null };
  }
}

async function byAxios({ method, url, body }: Outgoing): Promise<Incoming> {
  try {
    const response = await axios.request<unknown>({ method, url, data: body });
    return { status: response.status, body: response.data };
  } catch (error) {
    const response = isAxiosError<unknown>(error) ? error.response : undefined;
    return { status: response?.status ?? null, body: response?.data ?? null };
  }
}
