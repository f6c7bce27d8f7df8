import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { removePackageDir } from "../e2e/harness/package-dir.js";
import { until } from "../e2e/harness/until.js";
import { APP_ACCESS_SECONDS, APPS, concludeLines, VERSIONS } from "./harness/apps.js";
import { APP } from "./harness/front.js";
import { onStage } from "./harness/stage.js";

const FILTER = process.env.HALLPASS_BACKENDS_FILTER ?? "";

/* The same application twice, with one test for both: what users see does not change. */

describe("applications, by hand and with hallpass", { concurrency: 6 }, () => {
  for (const { name, folder, row } of APPS.filter(({ name, folder }) => `${name} ${folder}`.includes(FILTER))) {
    for (const version of VERSIONS) {
      it(`${name}, ${version}: signs in, survives a reload, does what is right at the token's end, signs out`, { timeout: 120_000 }, () =>
        onStage({ ...row, app: `${folder}/${version}.ts` }, async (page, front) => {
          const app = new AppPage(page);
          await app.signIn(row.user[0], "wrong");
          await app.shows("output", "That did not work.");

          await app.signIn(...row.user);
          await app.shows("h1", "ada");
          const [header, prefix] = row.header;
          assert.match(front.callsTo(row.profile).at(-1).headers[header], new RegExp(`^${prefix}[\\w-]+\\.[\\w-]+\\.[\\w-]+$`));

          await page.reload();
          await app.shows("h1", "ada");

          await sleep((APP_ACCESS_SECONDS + 1) * 1000);
          const letIn = () => front.callsTo(row.profile).filter(({ status }) => status === 200).length;
          const before = letIn();
          await app.click("again");
          if (row.refresh === undefined) {
            await app.shows("#sign-in", "Sign in");
            await app.signIn(...row.user);
          }
          await until("the API lets the application in again", () => letIn() > before);
          await app.shows("h1", "ada");
          assert.equal(front.callsTo(row.refresh).length > 0, row.refresh !== undefined);

          await app.click("sign-out");
          await app.shows("#sign-in", "Sign in");
          const count = front.calls.length;
          await page.reload();
          await app.shows("#sign-in", "Sign in");
          assert.equal(front.calls.length, count, "nothing is asked of the API any more");
        }),
      );
    }
  }

  after(async () => {
    await removePackageDir();
    if (FILTER === "") await concludeLines();
  });
});

/** The page of an application, by what is seen of it. */
class AppPage {
  constructor(page) {
    this.page = page;
  }

  async shows(selector, text) {
    await this.page.until(`${selector}: ${text}`, (selector, text) => document.querySelector(selector)?.textContent === text, selector, text);
  }

  async click(id) {
    await this.page.run((id) => document.getElementById(id)?.click(), id);
  }

  async signIn(name, password) {
    assert.ok((await this.page.url()).startsWith(APP));
    await this.page.until("the form is there", () => document.querySelector("form") !== null);
    await this.page.run(
      (name, password) => {
        const form = document.querySelector("form");
        form.elements.namedItem("name").value = name;
        form.elements.namedItem("password").value = password;
        form.requestSubmit();
      },
      name,
      password,
    );
  }
}
