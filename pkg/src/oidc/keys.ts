import { base64url, bytesOf } from "./base64url.js";
import { keyDatabase, type StoredKey } from "./key-database.js";
import { webCrypto } from "./subtle.js";

/** A P-256 key whose private half cannot be exported (RFC 9449, RFC 7518 ES256). */
export interface ProofKey {
  readonly name: string;
  /** Of the public half, base64url. */
  readonly x: string;
  readonly y: string;
  sign(text: string): Promise<string>;
}

/** The DPoP keys of one session manager. */
export interface Keys {
  /** A new one, for a sign-in that is about to begin. Those of sign-ins that never came back go. */
  make(): Promise<ProofKey>;
  /** `undefined`: it is gone. */
  get(name: string): Promise<ProofKey | undefined>;
  /** It is the session's from now on. */
  keep(name: string): void;
  /** It is not needed any more. */
  drop(name: string): void;
  close(): void;
}

/** A session whose tab was closed leaves its key behind: nothing tells. After so long nothing else of it lives. */
const YEAR = 365 * 86_400_000;
const DAY = 86_400_000;

/**
 * `databaseName`: `undefined` where keys are to live in memory. `onMemory` is called where they do although they should not.
 * `pendingSeconds`: longest time that a sign-in takes.
 */
export function createKeys(databaseName: string | undefined, pendingSeconds: number, onMemory: () => void): Keys {
  const database = databaseName === undefined ? undefined : keyDatabase(databaseName);
  /** Of this page, and of other tabs that share the session. */
  const known = new Map<string, Promise<ProofKey | undefined>>();

  async function find(name: string): Promise<ProofKey | undefined> {
    const stored = await database?.get(name).catch(() => undefined);
    if (stored === undefined) {
      known.delete(name); // another try may find it
      return undefined;
    }
    if (Date.now() - stored.at > DAY) touch(name, stored, stored.isPending);
    return await proofKey(name, stored.pair);
  }

  function touch(name: string, { pair }: StoredKey, isPending: boolean): void {
    void database?.put(name, { pair, isPending, at: Date.now() }).catch(() => undefined);
  }

  function isOver({ isPending, at }: StoredKey): boolean {
    const age = Date.now() - at;
    return age > YEAR || (isPending && age > pendingSeconds * 1000);
  }

  return {
    async make() {
      const { crypto, subtle } = webCrypto("oidc.dpop");
      const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
      const name = base64url(crypto.getRandomValues(new Uint8Array(16)));
      const key = await proofKey(name, pair);
      known.set(name, Promise.resolve(key));
      try {
        await database?.put(name, { pair, isPending: true, at: Date.now() });
        void database?.clean(isOver).catch(() => undefined);
      } catch {
        onMemory();
      }
      return key;
    },

    get(name) {
      let key = known.get(name);
      if (key === undefined) known.set(name, (key = find(name)));
      return key;
    },

    keep(name) {
      database?.get(name).then((stored) => {
        if (stored?.isPending === true) touch(name, stored, false);
      }, () => undefined);
    },

    drop(name) {
      known.delete(name);
      void database?.remove(name).catch(() => undefined);
    },

    close() {
      database?.close();
    },
  };
}

async function proofKey(name: string, { privateKey, publicKey }: CryptoKeyPair): Promise<ProofKey> {
  const { subtle } = webCrypto("oidc.dpop");
  const { x = "", y = "" } = await subtle.exportKey("jwk", publicKey);
  return {
    name,
    x,
    y,
    async sign(text) {
      return base64url(await subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, bytesOf(text)));
    },
  };
}
