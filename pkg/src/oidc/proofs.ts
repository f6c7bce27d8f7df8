import type { Core } from "../core/contract.js";
import { AuthError } from "../error.js";
import { URL } from "../platform/builtins.js";
import type { Proofs, ProviderEnvironment } from "../provider.js";
import type { Keys, ProofKey } from "./keys.js";

/** Makes proofs of possession, and keeps the nonces that servers want in them. */
export interface ProofMaker extends Proofs {
  /**
   * The header `DPoP` of one request.
   * @throws AuthError `storage_unavailable`: the key is gone
   */
  prove(method: string, url: string, keyName: string, accessToken: string | null): Promise<string>;
  /** Looks whether the key of a session is still there: else the session ends. */
  look(keyName: string): Promise<void>;
}

/** RFC 9449, section 8.1; as long as a header may be. */
const NONCE = /^[!#-[\]-~]{1,4096}$/;

export function createProofs({ core, run }: ProviderEnvironment, keys: Keys): ProofMaker {
  /** The newest one of each origin: servers do not know each other's (RFC 9449, section 8.2). */
  const nonces = new Map<string, string>();

  /** A session whose key is gone ends. */
  async function find(running: Core, keyName: string): Promise<ProofKey | undefined> {
    const key = await keys.get(keyName);
    if (key === undefined) {
      run(() => {
        running.keyLost(keyName);
      });
    }
    return key;
  }

  async function prove(method: string, url: string, keyName: string, accessToken: string | null): Promise<string> {
    const running = await core();
    const key = await find(running, keyName);
    if (key === undefined) {
      throw new AuthError("storage_unavailable", "The browser has lost the key that the tokens are bound to: the user has to sign in again.");
    }
    const { origin, pathname } = new URL(url);
    // Last of all, so that its time and its nonce are of now.
    const text = run(() => running.proof(method, origin + pathname, key.x, key.y, accessToken, nonces.get(origin) ?? null));
    return `${text}.${await key.sign(text)}`;
  }

  return {
    prove,

    async look(keyName) {
      await find(await core(), keyName);
    },

    async headers(method, url, { text, key = "" }) {
      return { Authorization: `DPoP ${text}`, DPoP: await prove(method, url, key, text) };
    },

    learn(url, nonce) {
      if (nonce === null || !NONCE.test(nonce)) return false;
      nonces.set(new URL(url).origin, nonce);
      return true;
    },
  };
}
