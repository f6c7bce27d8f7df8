import { request } from "../http.js";

/**
 * A browser without a screen, for tests in plain Node: keeps cookies, follows redirects, sends forms. It stops where
 * an address begins with `callback`, and gives that.
 */
export class UserAgent {
  #cookies = new Map();

  /**
   * @param {string} callback where the client is waiting
   * @param {string} [at] where every host is, "127.0.0.1:1234"
   */
  constructor(callback, at) {
    Object.assign(this, { callback, at });
  }

  /** Goes to `url` and on, until it is back at the client, or at a page that it cannot leave. */
  async visit(url, { click } = {}) {
    let next = { url };
    for (let hop = 0; hop < 20; hop += 1) {
      if (next.url.startsWith(this.callback)) return new URL(next.url);
      const answer = await this.#send(next);
      const { location } = answer.headers;
      const onward = location === undefined ? formOf(answer.text, click) : { url: location };
      if (onward === undefined) throw new Error(`stranded at ${next.url}: ${answer.status} ${answer.text.slice(0, 500)}`);
      next = { ...onward, url: new URL(onward.url || next.url, next.url).href };
    }
    throw new Error(`going round in circles: ${next.url}`);
  }

  async #send({ url, form }) {
    const answer = await request(url, {
      method: form === undefined ? "GET" : "POST",
      headers: {
        Cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(form && { "Content-Type": "application/x-www-form-urlencoded" }),
      },
      body: form,
      at: this.at,
    });
    for (const line of answer.headers["set-cookie"] ?? []) this.#keep(line);
    return answer;
  }

  #keep(line) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
    if (value === "" || /expires=Thu, 01 Jan 1970/i.test(line)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

/** The page's form with its hidden fields, and the button that is clicked, where one is named. */
function formOf(html, click) {
  const form = /<form[^>]*>/.exec(html)?.[0];
  if (form === undefined) return undefined;
  const fields = new URLSearchParams();
  for (const [input] of html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) fields.append(attribute(input, "name"), attribute(input, "value"));
  if (click !== undefined) fields.append(click, "1");
  return { url: attribute(form, "action") ?? "", form: fields.toString() };
}

function attribute(tag, name) {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
}
