import { AuthError } from "../error.js";
import { URL } from "../platform/builtins.js";
import type { Proofs, ProviderEnvironment } from "../provider.js";
import type { Keys } from "./keys.js";

/** Makes proofs of possession, and keeps the nonces that servers want in them. */
export interface ProofMaker extends Proofs {
  /**
   * The header `DPoP` of one request.
   * @throws AuthError `storage_unavailable`: the key is gone
   */
  prove(method: string, url: string, keyName: string, accessToken: string | null): Promise<string>;
}

/** RFC 9449, section 8.1; as long as a header may be. */
const NONCE = /^[!#-[\]-~]{1,4096}$/;

export function createProofs({ core, run }: ProviderEnvironment, keys: Keys): ProofMaker {
  /** The newest one of each origin: servers do not know each other's (RFC 9449, section 8.2). */
  const nonces = new Map<string, string>();

  async function prove(method: string, url: string, keyName: string, accessToken: string | null): Promise<string> {
    const [running, key] = [await core(), await keys.get(keyName)];
    if (key === undefined) {
      run(() => {
        running.keyLost(keyName);
      });
      throw new AuthError("storage_unavailable", "The browser has lost the key that the tokens are bound to: the user has to sign in again.");
    }
    const { origin, pathname } = new URL(url);
    // Last of all, so that its time and its nonce are of now.
    const text = run(() => running.proof(method, origin + pathname, key.x, key.y, accessToken, nonces.get(origin) ?? null));
    return `${text}.${await key.sign(text)}`;
  }

  return {
    prove,

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
