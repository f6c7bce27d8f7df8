import { Secret, TOTP } from "otpauth";

/** A user's authenticator app (RFC 6238), set up with a secret of its own. */
export class Authenticator {
  #totp = new TOTP({ secret: new Secret({ size: 20 }) });

  /** What it is set up with, in base32. */
  get secret() {
    return this.#totp.secret.base32;
  }

  /** What it shows, so many seconds from now: each code is good once, the one of the next half minute already. */
  code(offsetSeconds = 0) {
    return this.#totp.generate({ timestamp: Date.now() + offsetSeconds * 1000 });
  }

  /** Right at no time near now. */
  wrongCode() {
    const near = [-60, -30, 0, 30, 60].map((offset) => this.code(offset));
    return ["000000", "111111", "222222", "333333", "444444", "555555"].find((code) => !near.includes(code));
  }
}
