// What wasm-bindgen and wasm2js make, in the shape that the package needs: as functions.
//
// wasm-bindgen's glue is a module with one instance for ever. As a function it gives a new one with each
// call, with objects and memory of its own: a core that broke is replaced by a fresh one, and both forms of
// the core, WebAssembly and JavaScript, share it.

/** From here on the glue fetches and instantiates by itself, which the package does better. */
const LOADING = "\nlet wasmModule, wasmInstance, wasm;\n";

/** How the glue calls a function that the core gave away, as a timer's or a listener's. */
const CALLING = /return f\((a|state\.a), state\.b, \.\.\.args\);/g;

/** The glue as a module that exports `createGlue`; pkg/src/glue.ts says what that is. */
export function glueFactory(glue) {
  const end = glue.indexOf(LOADING);
  if (end === -1) throw new Error("wasm-bindgen's glue has another shape than scripts/glue.mjs knows");
  let body = glue.slice(0, end);

  const names = [...body.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name);
  body = body.replace(/^export (?=class|function)/gm, "");
  const closures = body.match(/^function make\w*Closure\(/gm)?.length ?? 0;
  const calls = body.match(CALLING)?.length ?? 0;
  if (names.length === 0 || calls !== closures || /^(?:import|export)\b|import\.meta/m.test(body)) {
    throw new Error("wasm-bindgen's glue has another shape than scripts/glue.mjs knows");
  }
  body = body.replace(CALLING, "return call(() => f($1, state.b, ...args));");
  const views = [...body.matchAll(/^let (cached\w+Memory0) = null;/gm)].map(([, name]) => name);

  return `export function createGlue(call) {
let wasm;
${body}
return {
  imports: __wbg_get_imports(),
  core: { ${names.join(", ")} },
  start(exports) { wasm = exports; },
  grown() { ${views.map((name) => `${name} = null;`).join(" ")} },
};
}
`;
}

/**
 * wasm2js's output as a module that exports `instantiate(imports)`.
 *
 * Memory that grows is a new buffer there, and the old one stays readable: `imports.grown` is told, so that
 * nobody goes on with the old one. An i64 comes in halves; the glue wants a BigInt.
 */
export function scriptModule(script) {
  const grown = replaceOnce(script, "   bufferView = HEAPU8;\n  }", "   bufferView = HEAPU8;\n   imports.grown();\n  }");
  if (/legalstub|setTempRet0|getTempRet0/.test(grown)) throw new Error("no function may answer with an i64: say it with f64");
  const whole = grown.replace(/^( var legalimport\S+ = )(.+);$/gm, "$1halves($2);");
  return `function halves(take) { return (low, high) => take((BigInt(high) << 32n) | BigInt(low >>> 0)); }
export ${whole}`;
}

function replaceOnce(text, from, to) {
  if (text.split(from).length !== 2) throw new Error(`wasm2js's output has another shape than scripts/glue.mjs knows: ${from}`);
  return text.replace(from, () => to);
}
