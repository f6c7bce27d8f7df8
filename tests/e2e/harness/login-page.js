import { By, until as located } from "selenium-webdriver";
import { Page } from "./page.js";
import { typeInto } from "./type-into.js";
import { PATIENCE, until } from "./until.js";

/** A page of the reference server's where users sign in, reached by a redirect. */
export class LoginPage extends Page {
  /** Waits until the tab of `page` is there. (The demo's own form has a field of the same name.) */
  static async reached(page, path = "/login") {
    const login = new LoginPage(page.browser, page.handle);
    const address = `${page.world.server.api}${path}?`;
    await until("the login page", async () => (await login.url()).startsWith(address));
    await page.driver.wait(located.elementLocated(By.css("form[method=post] input[name=username]")), PATIENCE * 1000);
    return login;
  }

  async state() {
    return new URL(await this.url()).searchParams.get("state");
  }

  async submit({ username, password }) {
    await this.front();
    await typeInto(await this.driver.findElement(By.css("input[name=username]")), username);
    await typeInto(await this.driver.findElement(By.css("input[name=password]")), password);
    await this.driver.findElement(By.css("button[type=submit]")).click();
  }

  /** The second step: the code of the user's authenticator. */
  async confirm(code) {
    await this.front();
    const input = await this.driver.wait(located.elementLocated(By.css("input[name=code]")), PATIENCE * 1000);
    await typeInto(input, code);
    await this.driver.findElement(By.css("button[type=submit]")).click();
  }

  /** What the page says is wrong. */
  async problem() {
    await this.front();
    return this.driver.wait(located.elementLocated(By.css("[role=alert]")), PATIENCE * 1000).getText();
  }

  async cancel() {
    await this.front();
    await this.driver.findElement(By.linkText("Cancel")).click();
  }
}
