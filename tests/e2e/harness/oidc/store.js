/**
 * What an authorization server keeps, in memory: oidc-provider's adapter, one store per server. Everything of one
 * sign-in (codes, tokens, the grant) goes together where the grant is revoked.
 */
export function memoryStore() {
  const entries = new Map();
  const isOver = ({ ends }) => ends !== undefined && ends <= Date.now();

  return class Adapter {
    constructor(model) {
      this.model = model;
    }

    #key(id) {
      return `${this.model}:${id}`;
    }

    #where(member, value) {
      for (const [key, { model, payload }] of entries) {
        if (model === this.model && payload[member] === value) return this.#at(key);
      }
      return undefined;
    }

    #at(key) {
      const entry = entries.get(key);
      return entry === undefined || isOver(entry) ? undefined : entry.payload;
    }

    async upsert(id, payload, seconds) {
      const ends = seconds === undefined ? undefined : Date.now() + seconds * 1000;
      entries.set(this.#key(id), { model: this.model, payload, ends });
    }

    async find(id) {
      return this.#at(this.#key(id));
    }

    async findByUid(uid) {
      return this.#where("uid", uid);
    }

    async findByUserCode(userCode) {
      return this.#where("userCode", userCode);
    }

    async consume(id) {
      const entry = entries.get(this.#key(id));
      if (entry !== undefined) entry.payload.consumed = Math.floor(Date.now() / 1000);
    }

    async destroy(id) {
      entries.delete(this.#key(id));
    }

    async revokeByGrantId(grantId) {
      for (const [key, { model, payload }] of entries) {
        if (model === this.model && payload.grantId === grantId) entries.delete(key);
      }
    }
  };
}
