import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../../e2e/harness/until.js";
import { run } from "./command.js";

const SOURCES = fileURLToPath(new URL("../../../www/app", import.meta.url));
const BUILT = fileURLToPath(new URL("../../../target/packaging/demo-app", import.meta.url));

/** Builds the project's demo app for a path of its own; resolves with its folder. Its packages are installed. */
export async function buildDemoApp(base) {
  await run("npm", ["run", "build", "--", `--base=${base}`, "--outDir", BUILT, "--emptyOutDir"], { cwd: SOURCES });
  return BUILT;
}

/** Tells the built page where its API is, as the server that delivers it does. */
export async function writeOrigins(folder, { api, foreign }) {
  const file = join(folder, "index.html");
  const html = await readFile(file, "utf8");
  await writeFile(file, html.replace("__API_ORIGIN__", api).replace("__FOREIGN_ORIGIN__", foreign));
}

/** Clicks what has this `data-testid`, as soon as it is there. */
export async function clickTest(page, id) {
  await until(`${id} is there`, () => page.driver.executeScript((name) => {
    const element = document.querySelector(`[data-testid="${name}"]`);
    element?.click();
    return element !== null;
  }, id));
}

/** Waits until the page shows this text. */
export async function showsText(page, text) {
  await until(`the page shows ${text}`, () => page.driver.executeScript((words) => document.body.innerText.includes(words), text));
}
