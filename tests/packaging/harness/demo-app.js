import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../../e2e/harness/until.js";
import { cache, keyOf } from "./cache.js";
import { run } from "./command.js";

const APP = fileURLToPath(new URL("../../../www/app", import.meta.url));
/** What is installed says more than the lock file: the package is installed anew whenever its tarball changed. */
const INSTALLED = ["node_modules/.package-lock.json", "node_modules/hallpass"];
/** Neither makes nor goes into what is built. */
const BESIDE = ["dist", "node_modules", "test"];
/** How it is built stands in these. */
const HARNESS = ["command.js", "demo-app.js"].map((name) => fileURLToPath(new URL(name, import.meta.url)));

/** The project's demo app, built for a path of its own, as a copy. Its packages are installed. */
export async function copyDemoApp(base) {
  const sources = (await readdir(APP)).filter((part) => !BESIDE.includes(part));
  const parts = [...sources, ...INSTALLED].map((part) => join(APP, part));
  const key = await keyOf(APP, [...parts, ...HARNESS], [process.version, base]);
  const built = await cache.get("demo-app", key, (draft) => run("npm", ["run", "build", "--", `--base=${base}`, "--outDir", draft, "--emptyOutDir"], { cwd: APP }));
  const { copy, remove } = await cache.copyOf(built);
  return { folder: copy, remove };
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
