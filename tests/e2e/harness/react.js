import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** React as its package has it, for pages without a bundler: CommonJS, each file as a module of its own. */
const MODULES = {
  "/react.js": ["react", "cjs/react.production.js"],
  "/react-jsx-runtime.js": ["react", "cjs/react-jsx-runtime.production.js"],
  "/react-dom.js": ["react-dom", "cjs/react-dom.production.js"],
  "/react-dom-client.js": ["react-dom", "cjs/react-dom-client.production.js"],
  "/scheduler.js": ["scheduler", "cjs/scheduler.production.js"],
};

/** The module at `path`, or undefined where it is none of React's. */
export async function reactModule(path) {
  const module = MODULES[path];
  if (module === undefined) return undefined;
  const [name, file] = module;
  const source = join(dirname(require.resolve(`${name}/package.json`)), file);
  const text = await readFile(source, "utf8");
  const needed = [...new Set([...text.matchAll(/require\("([^"]+)"\)/g)].map(([, what]) => what))];
  const names = Object.keys(require(source)).filter((one) => /^[A-Za-z]\w*$/.test(one));
  return [
    ...needed.map((what, index) => `import need${index} from ${JSON.stringify(what)};`),
    `const needed = { ${needed.map((what, index) => `${JSON.stringify(what)}: need${index}`).join(", ")} };`,
    "const module = { exports: {} };",
    `(function (module, exports, require) {\n${text}\n})(module, module.exports, (what) => needed[what]);`,
    "export default module.exports;",
    `export const { ${names.join(", ")} } = module.exports;`,
  ].join("\n");
}
