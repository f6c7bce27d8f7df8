import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";

const RECIPES = new URL("../../../www/docs/recipes/", import.meta.url);

/**
 * Puts a recipe of the documentation beside the app, as it stands there but for the addresses: `[what, instead]`.
 * Resolves with where a page can import it.
 */
export async function serveRecipe(world, name, replacements) {
  let source = await readFile(new URL(name, RECIPES), "utf8");
  for (const [what, instead] of [['"hallpass"', '"/e2e-package/index.js"'], ...replacements]) {
    if (!source.includes(what)) throw new Error(`${name} has no ${what}`);
    source = source.replaceAll(what, instead);
  }
  const { code } = await transform(source, { loader: "ts", format: "esm" });
  await writeFile(join(world.appDir.dir, "e2e-recipe.js"), code);
  return "/e2e-recipe.js";
}
