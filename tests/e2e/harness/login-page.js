import { By, until as located } from "selenium-webdriver";
import { Page } from "./page.js";
import { PATIENCE, until } from "./until.js";

/** The reference server's own login page, reached by a redirect. */
export class LoginPage extends Page {
  /** Waits until the tab of `page` is there. (The demo's own form has a field of the same name.) */
  static async reached(page) {
    const login = new LoginPage(page.browser, page.handle);
    const address = `${page.world.server.api}/login?`;
    await until("the login page", async () => (await login.url()).startsWith(address));
    await page.driver.wait(located.elementLocated(By.css("form[action='/login'] input[name=username]")), PATIENCE * 1000);
    return login;
  }

  async state() {
    return new URL(await this.url()).searchParams.get("state");
  }

  async submit({ username, password }) {
    await this.front();
    const name = await this.driver.findElement(By.css("input[name=username]"));
    await name.clear();
    await name.sendKeys(username);
    await this.driver.findElement(By.css("input[name=password]")).sendKeys(password);
    await this.driver.findElement(By.css("button[type=submit]")).click();
  }

  /** The second step: the code of the user's authenticator. */
  async confirm(code) {
    await this.front();
    const input = await this.driver.wait(located.elementLocated(By.css("input[name=code]")), PATIENCE * 1000);
    await input.sendKeys(code);
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
