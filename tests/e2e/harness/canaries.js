/** Secrets that must show up nowhere, and the search for them in everything that came out of a page. */
export class Canaries {
  #secrets = new Map();

  /** @param {string} kind for the report, which must not name the value itself */
  add(kind, value) {
    if (typeof value === "string" && value.length >= 8) this.#secrets.set(value, kind);
  }

  has(value) {
    return this.#secrets.has(value);
  }

  /** Where `texts` hold a secret in any of its disguises: lines for a report. */
  search(texts) {
    const leaks = [];
    for (const [secret, kind] of this.#secrets) {
      for (const form of disguises(secret)) {
        for (const { where, text } of texts) {
          if (text.includes(form)) leaks.push(`${kind} in ${where}: ${text.replaceAll(form, `<<${kind}>>`).slice(0, 600)}`);
        }
      }
    }
    return [...new Set(leaks)];
  }
}

/** A secret as it is, percent-encoded, and in base64 at each of the three alignments it can have inside a longer text. */
export function disguises(secret) {
  const forms = new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  for (const shift of [0, 1, 2]) {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]);
    // The characters at both ends depend on what stands beside the secret.
    const core = bytes.toString("base64").replace(/=+$/, "").slice(shift === 0 ? 0 : shift + 1, -1);
    forms.add(core);
    forms.add(core.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return [...forms].filter((form) => form.length >= 8);
}
