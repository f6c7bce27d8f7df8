import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../until.js";

/**
 * What goes wrong at a server, by path, before it has looked at a request.
 *
 * @typedef {object} Rule
 * @property {string} path
 * @property {number} [times] default: always
 * @property {number} [status] is answered, and nothing done
 * @property {boolean} [loses] everything is done, and the answer breaks off: the client has to live with not knowing
 * @property {boolean} [holds] nothing happens before `release()`
 * @property {number} [delayMs]
 */
export class Faults {
  /** Requests that reached the server, preflights left out. @type {string[]} */
  arrived = [];
  #rules = [];
  #held = [];

  /** @param {Rule} rule */
  add(rule) {
    this.#rules.push({ times: Infinity, ...rule });
  }

  clear() {
    this.#rules = [];
    this.release();
  }

  /** Lets go what is held, and holds nothing from now on. */
  release() {
    this.#rules = this.#rules.filter(({ holds }) => !holds);
    for (const go of this.#held.splice(0)) go();
  }

  /** Resolves once so many requests for `path` have arrived. */
  async arrival(path, count = 1) {
    await until(`${count} requests for ${path}`, () => this.arrived.filter((one) => one === path).length >= count);
  }

  /** Whether the server shall answer. */
  async pass(request, response) {
    if (request.method === "OPTIONS") return true;
    const path = new URL(request.url, "https://localhost").pathname;
    this.arrived.push(path);
    const rule = this.#rules.find((one) => one.path === path && one.times > 0);
    if (rule === undefined) return true;
    rule.times -= 1;
    if (rule.holds) await new Promise((resolve) => this.#held.push(resolve));
    await sleep(rule.delayMs ?? 0);
    if (rule.loses) loseAnswer(response);
    if (rule.status === undefined) return true;
    response.writeHead(rule.status, { "Access-Control-Allow-Origin": request.headers.origin ?? "*" }).end();
    return false;
  }
}

/**
 * The status and headers arrive, the body does not. A connection that closes before its first byte would not do:
 * Chromium sends such a request again by itself.
 */
function loseAnswer(response) {
  const { end } = response;
  response.end = function () {
    response.end = end;
    // Longer than what follows: the client sees that something is missing.
    response.setHeader("Content-Length", 1_000_000);
    response.write("{");
    setTimeout(() => response.destroy(), 20);
    return response;
  };
}
