// Writes generated/api: one page for each entry of the package, made by typedoc from the types that are packed,
// and the list of them for the sidebar.
//
// The entries are those that package.json of the installed package exports, so that none can be forgotten.

import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { Application } from "typedoc";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const installed = join(root, "node_modules/hallpass");
const out = join(root, "generated/api");

const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
/** What typedoc calls a module, which is its file → what one imports, and the file. */
const entries = new Map();
for (const [path, conditions] of Object.entries(manifest.exports)) {
  const types = conditions.types ?? conditions.import?.types;
  if (types !== undefined) {
    entries.set(basename(types, ".d.ts"), { specifier: posix.join("hallpass", path), file: join(installed, types) });
  }
}

const app = await Application.bootstrapWithPlugins({
  name: "hallpass",
  plugin: ["typedoc-plugin-markdown"],
  entryPoints: [...entries.values()].map(({ file }) => file),
  tsconfig: join(root, "tsconfig.api.json"),
  // What an entry needs of a framework's types is not ours to judge.
  skipErrorChecking: true,
  disableSources: true,
  readme: "none",
  outputs: [{ name: "markdown", path: out }],
  outputFileStrategy: "modules",
  entryFileName: "index",
  hideBreadcrumbs: true,
  hidePageHeader: true,
  hideGroupHeadings: true,
  externalPattern: ["**/node_modules/!(hallpass)/**"],
  excludeExternals: true,
  parametersFormat: "table",
  typeDeclarationFormat: "table",
  useCodeBlocks: true,
  useHTMLAnchors: true,
  expandParameters: true,
  sanitizeComments: true,
  sort: ["source-order"],
  groupOrder: ["Functions", "Classes", "Interfaces", "Type Aliases", "*"],
  treatWarningsAsErrors: true,
  validation: { invalidLink: true, notExported: false, notDocumented: false },
  logLevel: "Warn",
});
const project = await app.convert();
if (project === undefined) throw new Error("typedoc could not read the types");

// Entries are known by what one imports, not by the file behind it.
for (const module of project.children) module.name = entries.get(module.name).specifier;

rmSync(out, { recursive: true, force: true });
await app.generateOutputs(project);
rmSync(join(out, "index.md")); // ours is pages/api/index.md
for (const name of readdirSync(out, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"))) {
  const page = join(out, name);
  writeFileSync(page, `---\noutline: 2\npageClass: api\n---\n\n${withIds(readFileSync(page, "utf8"))}`);
}
writeFileSync(join(root, "generated/entries.json"), JSON.stringify([...entries.values()].map(({ specifier }) => specifier)));
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);

/**
 * Headings are called what the links to them say: typedoc and the site's generator count names that come twice in
 * different ways. Those that nothing links to are numbered.
 */
function withIds(markdown) {
  const taken = new Set();
  let count = 0;
  return markdown.replaceAll(/^(?:<a id="([^"]+)"><\/a>\n\n)?(##+ .+)$/gm, (_, id, heading) => {
    const own = id === undefined || taken.has(id) ? `part-${++count}` : id;
    taken.add(own);
    return `${heading} {#${own}}`;
  });
}
