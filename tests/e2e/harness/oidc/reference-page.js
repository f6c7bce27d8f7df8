import { By, until as located } from "selenium-webdriver";
import { PLAIN, PlainPage } from "../plain-page.js";
import { typeInto } from "../type-into.js";
import { PATIENCE, until } from "../until.js";

/** A tab that signs in at the reference server, which is the provider: its answers can be changed field by field. */
export class ReferenceProviderPage extends PlainPage {
  /**
   * @param {object} [provider] for `oidc()`, in JSON; issuer and client are there already
   * @param {object} [options] for `createAuth()`, in JSON; the API's origin is there already
   */
  async openWith(provider = {}, options = {}) {
    const { api, app } = this.world.server;
    const url = new URL(PLAIN, app);
    url.searchParams.set("options", JSON.stringify({ origins: [api], ...options }));
    url.searchParams.set("provider", JSON.stringify({ issuer: `${api}/oidc`, clientId: "spa", scope: "openid", ...provider }));
    await this.goto(url.href);
    await this.ready();
    return this;
  }

  /** Leaves for the provider. */
  leave() {
    return this.fire(() => window.hallpassDemo.auth.signInRedirect());
  }

  /** Signs in on the provider's page, and waits until the application is back; resolves with how the callback went. */
  async signInThere({ username, password } = this.world.user) {
    await this.leave();
    await this.front();
    const name = await this.driver.wait(located.elementLocated(By.css("input[name=username]")), PATIENCE * 1000);
    await typeInto(name, username);
    await typeInto(await this.driver.findElement(By.css("input[name=password]")), password);
    await this.driver.findElement(By.css("button[type=submit]")).click();
    const address = new URL(PLAIN, this.world.server.app).href;
    await until("the application is back", async () => {
      if (!(await this.url()).startsWith(address)) return false;
      return this.run(() => window.callback !== undefined && window.hallpassDemo.auth.session.status !== "loading").catch(() => false);
    });
    return this.run(() => window.callback);
  }
}
