import type { ProviderEnvironment } from "../provider.js";
import type { ProofMaker } from "./proofs.js";

/** No cookies: the client is a public one, and what it sends stands in the body. */
const COMMON = { credentials: "omit", cache: "no-store" } as const;

export const GET: RequestInit = { ...COMMON, headers: { Accept: "application/json" } };

/** A redirect must not carry secrets elsewhere: it is an answer, and a wrong one. */
export function formRequest(body: string): RequestInit {
  return {
    ...COMMON,
    method: "POST",
    redirect: "manual",
    headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
    body,
  };
}

const DEADLINE = 10_000;

/** For what has no caller that could give it up. */
export async function withDeadline<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort();
  }, DEADLINE);
  try {
    return await call(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Whom to prove what: the key, and the access token where there is one. */
export interface Proving {
  readonly proofs: ProofMaker;
  readonly keyName: string;
  readonly accessToken: string | null;
}

/** Sends a request with a proof; an answer that asks for another nonce in it is answered once (RFC 9449, sections 8 and 9). */
export async function sendProving(
  { fetch }: ProviderEnvironment,
  url: string,
  init: RequestInit,
  { proofs, keyName, accessToken }: Proving,
): Promise<Response> {
  const send = async (): Promise<Response> => {
    const DPoP = await proofs.prove(init.method ?? "GET", url, keyName, accessToken);
    return await fetch(url, { ...init, headers: { ...(init.headers as Record<string, string>), DPoP } });
  };
  const first = await send();
  const isNew = proofs.learn(url, first.headers.get("DPoP-Nonce"));
  if (!isNew || !(await wantsNonce(first))) return first;
  const second = await send();
  proofs.learn(url, second.headers.get("DPoP-Nonce"));
  return second;
}

/** Resource servers say it in a header, the token endpoint in its error. */
async function wantsNonce(response: Response): Promise<boolean> {
  if (response.status !== 400 && response.status !== 401) return false;
  if (/\berror="?use_dpop_nonce\b/i.test(response.headers.get("WWW-Authenticate") ?? "")) return true;
  try {
    const { error } = (await response.clone().json()) as { error?: unknown };
    return error === "use_dpop_nonce";
  } catch {
    return false;
  }
}
