import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { test } from "node:test";

const dist = join(import.meta.dirname, "../dist");
if (!existsSync(dist)) throw new Error("www/docs/dist is missing: run `npm run build` first");
const pages = new Map(
  readdirSync(dist, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".html"))
    .map((name) => [`/${name}`, readFileSync(join(dist, name), "utf8")]),
);

// Pages that do not exist are found by the generator; it does not look at anchors, nor at its own menus.
test("every link leads to a page, and to a place on it", () => {
  const ids = new Map([...pages].map(([path, html]) => [path, new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))]));
  let anchors = 0;
  for (const [path, html] of pages) {
    for (const [, href] of html.matchAll(/ href="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(href)) continue;
      const [to, anchor] = href.split("#");
      let target = to === "" ? path : posix.resolve(posix.dirname(path), to);
      if (to?.endsWith("/") === true) target = posix.join(target, "index.html");
      if (!ids.has(target)) {
        assert.ok(existsSync(join(dist, target)), `${path}: ${href}`);
        continue;
      }
      if (anchor === undefined || anchor === "") continue;
      assert.ok(ids.get(target)?.has(decodeURIComponent(anchor)), `${path}: nothing is named ${href}`);
      anchors++;
    }
  }
  assert.ok(anchors > 100, "where have the links gone?");
});

// A region that is not found would come as the whole file.
test("what is shown of a file is what the page names of it", () => {
  for (const [path, html] of pages) {
    const text = html.replace(/<!--.*?-->/gs, "").replace(/<[^>]+>/g, "");
    assert.doesNotMatch(text, /^ *(?:\/\/|#) ?#?(?:end)?region \w+ *$/m, path);
  }
});

test("pages load nothing from elsewhere, and run no script that is not a file", () => {
  for (const [path, html] of pages) {
    for (const [tag] of html.matchAll(/<script\b[^>]*>/g)) assert.match(tag, / src="\/[^/]/, `${path}: ${tag}`);
    for (const [tag] of html.matchAll(/<(?:img|link|iframe|source)\b[^>]*>/g)) {
      assert.doesNotMatch(tag, /(?:src|href)="(?:https?:)?\/\//, `${path}: ${tag}`);
    }
    assert.doesNotMatch(html, / on[a-z]+="/, path);
  }
  for (const name of readdirSync(join(dist, "assets")).filter((name) => name.endsWith(".css"))) {
    assert.doesNotMatch(readFileSync(join(dist, "assets", name), "utf8"), /url\(["']?(?:https?:)?\/\//, name);
  }
});
