import { openAuth } from "../src/auth.js";
import { AuthError } from "../src/error.js";
import { oidc, type OidcOptions } from "../src/oidc/index.js";
import type { Auth, AuthOptions } from "../src/types.js";
import { fakeLoader, type FakeCore, type FakeLoader } from "./fake-core.js";

/** An authorization server that says what a test wants, and an `Auth` that asks it, with a core that decides nothing. */

export const ISSUER = "https://id.test";

export const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  revocation_endpoint: `${ISSUER}/revoke`,
  end_session_endpoint: `${ISSUER}/end`,
  userinfo_endpoint: `${ISSUER}/me`,
  pushed_authorization_request_endpoint: `${ISSUER}/par`,
};

export interface Asked {
  readonly url: string;
  readonly init: RequestInit;
  readonly headers: Record<string, string>;
}

type Reply = (asked: Asked) => Response | Promise<Response>;

export class Server {
  readonly asked: Asked[] = [];
  /** By path. Everything else is not there. */
  replies: Record<string, Reply> = { "/.well-known/openid-configuration": () => Response.json(METADATA) };

  readonly fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const request = input instanceof Request ? input : undefined;
    const url = request?.url ?? (input as string);
    const headers = Object.fromEntries(new Headers(init.headers ?? request?.headers));
    const asked = { url, init, headers };
    this.asked.push(asked);
    const reply = this.replies[new URL(url).pathname];
    const response = reply === undefined ? new Response("", { status: 404 }) : await reply(asked);
    Object.defineProperty(response, "url", { value: url });
    return response;
  };

  paths(): string[] {
    return this.asked.map(({ url }) => new URL(url).pathname);
  }
}

export interface Opened {
  readonly auth: Auth;
  readonly core: FakeCore;
  readonly loader: FakeLoader;
}

export function openOidc(server: Server, options: Partial<OidcOptions> = {}, beside: AuthOptions = {}, prepare?: (core: FakeCore) => void): Promise<Opened> {
  const loader = fakeLoader(prepare);
  const auth: Auth = openAuth({ fetch: server.fetch, provider: oidc({ issuer: ISSUER, clientId: "spa", ...options }), ...beside }, loader);
  return new Promise((resolve) => setImmediate(() => { resolve({ auth, core: loader.cores[0] as FakeCore, loader }); }));
}

/** Until it is so: machines are slow at times. Fails after some seconds. */
export async function until(isSo: () => unknown): Promise<void> {
  for (let times = 0; times < 500; times++) {
    if (isSo() === true) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`waited in vain: ${String(isSo)}`);
}

export const code = (expected: string) => (error: unknown): boolean => error instanceof AuthError && error.code === expected;

/** The claims of a fake core's proof. */
export function proofOf(text: string | undefined): { method: string; url: string; accessToken: string | null; nonce: string | null; jti: number } {
  return JSON.parse(Buffer.from(text?.split(".")[1] ?? "", "base64url").toString()) as ReturnType<typeof proofOf>;
}
