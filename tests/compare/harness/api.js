import { createLocalJWKSet, jwtVerify } from "jose";

const ORIGIN = "https://app.example.com";
const CORS = { "Access-Control-Allow-Origin": ORIGIN, "Access-Control-Allow-Headers": "authorization", "Access-Control-Max-Age": "0" };

/** The API: whoever has a good token gets 200. */
export class Api {
  /** Statuses of its answers, oldest first. @type {number[]} */
  statuses = [];
  #keys;

  trust({ keys }) {
    this.#keys = createLocalJWKSet({ keys: keys.map(({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...key }) => key) });
  }

  async handle(request, response) {
    if (request.method === "OPTIONS") return void response.writeHead(204, CORS).end();
    const status = await this.#judge(request.headers.authorization ?? "");
    this.statuses.push(status);
    response.writeHead(status, { ...CORS, "Content-Type": "application/json" }).end("[]");
  }

  forget() {
    this.statuses = [];
  }

  async #judge(authorization) {
    const [, token] = /^Bearer (.+)$/.exec(authorization) ?? [];
    if (token === undefined) return 401;
    const options = { issuer: "https://id.example.com/", audience: "https://api.example.com", currentDate: new Date(Date.now()) };
    return jwtVerify(token, this.#keys, options).then(() => 200, () => 401);
  }
}
