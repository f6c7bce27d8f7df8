import type { Core } from "../core/contract.js";
import { AuthError } from "../error.js";
import { URL } from "../platform/builtins.js";
import type { ProviderEnvironment } from "../provider.js";
import { GET, withDeadline } from "./request.js";

/** What the core has made of the provider's metadata. */
export interface Metadata {
  /** As the core's methods take it. */
  readonly text: string;
  readonly token_endpoint: string;
  readonly revocation_endpoint?: string;
  readonly end_session_endpoint?: string;
  readonly userinfo_endpoint?: string;
  readonly pushed_authorization_request_endpoint?: string;
}

const DAY = 86_400_000;
/** No metadata are longer. */
const LONGEST = 1_000_000;

/**
 * Gives the metadata: fetched when they are first needed, once for all callers, and kept for as long as the page lives and
 * for a day in the session's store. What failed is tried again by the next call.
 * `given`: of the application's, over what the provider says.
 */
export function metadataOf(environment: ProviderEnvironment, given: Readonly<Record<string, unknown>>): () => Promise<Metadata> {
  const { settings, storage, nameOf, core, run, fetch } = environment;
  const { issuer } = settings;
  const isWhole = "authorization_endpoint" in given && "token_endpoint" in given;
  const store = isWhole ? undefined : storeOf(storage);
  const key = nameOf("provider");
  const over = JSON.stringify(given);
  let current: Promise<Metadata> | undefined;

  async function find(): Promise<Metadata> {
    const running = await core();
    if (isWhole) return read(running, { issuer, ...given });
    const kept = await recall(running);
    if (kept !== undefined) return kept;
    const found = await discover();
    const metadata = read(running, { ...found, ...given });
    await ignoring(() => store?.set(key, JSON.stringify({ at: Date.now(), over, document: metadata.text } satisfies Kept)));
    return metadata;
  }

  /** @throws AuthError `provider_unavailable` | `provider_mismatch` */
  function read(running: Core, document: object): Metadata {
    const text = run(() => running.providerMetadata(JSON.stringify(document)));
    return { ...(JSON.parse(text) as Omit<Metadata, "text">), text };
  }

  /** What is kept is judged as if it had just come: the store is open to all. */
  async function recall(running: Core): Promise<Metadata | undefined> {
    return ignoring(async () => {
      const kept = JSON.parse((await store?.get(key)) ?? "null") as Partial<Kept> | null;
      if (kept?.over !== over || typeof kept.at !== "number" || typeof kept.document !== "string") return undefined;
      const age = Date.now() - kept.at;
      return age >= 0 && age < DAY ? read(running, JSON.parse(kept.document) as object) : undefined;
    });
  }

  async function discover(): Promise<object> {
    const { origin, pathname } = new URL(issuer);
    const path = pathname.replace(/\/$/, "");
    let status: number | undefined;
    try {
      return await withDeadline(async (signal) => {
        let response = await fetch(`${origin}${path}/.well-known/openid-configuration`, { ...GET, signal });
        // RFC 8414, section 3.1.
        if (response.status === 404) response = await fetch(`${origin}/.well-known/oauth-authorization-server${path}`, { ...GET, signal });
        ({ status } = response);
        const text = response.ok ? await response.text() : "";
        const found: unknown = text.length > LONGEST ? null : JSON.parse(text);
        if (typeof found !== "object" || found === null) throw new TypeError("no metadata");
        return found;
      });
    } catch (cause) {
      throw new AuthError("provider_unavailable", undefined, { retryable: true, status, cause });
    }
  }

  return () => {
    current ??= find().catch((error: unknown) => {
      current = undefined;
      throw error;
    });
    return current;
  };
}

/** Of another issuer it is refused like any other document. */
interface Kept {
  readonly at: number;
  /** What the application has put over it. */
  readonly over: string;
  readonly document: string;
}

interface Store {
  get(key: string): unknown;
  set(key: string, value: string): unknown;
}

function storeOf(storage: ProviderEnvironment["storage"]): { get(key: string): Promise<string | null>; set(key: string, value: string): unknown } | undefined {
  if (storage === "memory") return undefined;
  // A page may be forbidden to look at its own: where it is used, that is caught.
  const web = (): Store => {
    const area = storage === "local" ? localStorage : sessionStorage;
    return { get: (key) => area.getItem(key), set: (key, value) => { area.setItem(key, value); } };
  };
  const open = (): Store => (typeof storage === "object" ? storage : web());
  return {
    async get(key) {
      const value = await open().get(key);
      return typeof value === "string" ? value : null;
    },
    set: (key, value) => open().set(key, value),
  };
}

async function ignoring<T>(action: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch {
    return undefined;
  }
}
