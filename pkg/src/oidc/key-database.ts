/** A DPoP key, as IndexedDB keeps it: the private half cannot leave it. */
export interface StoredKey {
  readonly pair: CryptoKeyPair;
  /** Made for a sign-in that has not come back yet. */
  readonly isPending: boolean;
  /** When it was made, or a page has begun to use it: milliseconds since epoch. */
  readonly at: number;
}

/** Keys by their names. Every call rejects where there is no IndexedDB, or it fails. */
export interface KeyDatabase {
  get(name: string): Promise<StoredKey | undefined>;
  put(name: string, key: StoredKey): Promise<void>;
  remove(name: string): Promise<void>;
  /** Removes what `isOver` says. */
  clean(isOver: (key: StoredKey) => boolean): Promise<void>;
  close(): void;
}

const KEYS = "keys";

export function keyDatabase(name: string): KeyDatabase {
  let opened: Promise<IDBDatabase> | undefined;

  function open(): Promise<IDBDatabase> {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(KEYS);
      };
      request.onsuccess = () => {
        const database = request.result;
        // What deletes it, the user's "clear site data" for one, must not wait for this page.
        database.onversionchange = database.onclose = () => {
          database.close();
          opened = undefined;
        };
        resolve(database);
      };
      request.onerror = request.onblocked = () => {
        opened = undefined;
        reject(request.error ?? new DOMException("The database is blocked.", "InvalidStateError"));
      };
    });
    return opened;
  }

  /** Resolves when what was written is kept. */
  async function within<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const database = await open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(KEYS, mode);
      const request = act(transaction.objectStore(KEYS));
      transaction.oncomplete = () => {
        resolve(request.result);
      };
      transaction.onabort = transaction.onerror = () => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a DOMException; null where it was aborted
        reject(transaction.error);
      };
    });
  }

  return {
    get: (name) => within("readonly", (store) => store.get(name) as IDBRequest<StoredKey | undefined>),

    async put(name, key) {
      await within("readwrite", (store) => store.put(key, name));
    },

    async remove(name) {
      await within("readwrite", (store) => store.delete(name));
    },

    async clean(isOver) {
      await within("readwrite", (store) => {
        const request = store.openCursor();
        request.onsuccess = () => {
          const cursor = request.result;
          if (cursor === null) return;
          if (isOver(cursor.value as StoredKey)) cursor.delete();
          cursor.continue();
        };
        return request;
      });
    },

    close() {
      opened?.then((database) => {
        database.close();
      }, () => undefined);
      opened = undefined;
    },
  };
}
