// What wasm-bindgen and wasm2js make, in the shape that the package needs: as functions.
//
// wasm-bindgen's glue is a module with one instance for ever. As a function it gives a new one with each
// call, with objects and memory of its own: a core that broke is replaced by a fresh one, and both forms of
// the core, WebAssembly and JavaScript, share it.
//
// Tokens pass through it, and it is loaded later than other scripts. So it calls the platform's functions as they were
// when the facade was loaded, which gives them along as `original` (pkg/src/core/originals.ts): what is put in their place
// later sees none.

/** From here on the glue fetches and instantiates by itself, which the package does better. */
const LOADING = "\nlet wasmModule, wasmInstance, wasm;\n";

/** How the glue calls a function that the core gave away, as a timer's or a listener's. */
const CALLING = /return f\((a|state\.a), state\.b, \.\.\.args\);/g;

/** The most that such a function is given. Spread arguments would be read by an iterator of the page's. */
const MOST_ARGUMENTS = "first, second";

/** The glue's table of objects at its beginning, without methods of arrays: later it is full of tokens. */
const FIRST_OBJECTS = `[];
for (let at = 0; at <= 1024; at++) heap[at] = undefined;
heap[1025] = null;
heap[1026] = true;
heap[1027] = false;`;

/** What is replaced: of imports, a call at a time; each must be there. */
const CALLS = [
  [/\bReflect\.(get|set)\(/g, "original.$1("],
  [/\bObject\.(create|hasOwn)\(/g, "original.$1("],
  [/\bJSON\.(parse|stringify)\(/g, "original.$1("],
  [/\bPromise\.resolve\(/g, "original.resolve("],
  [/\bnew (Promise|FinalizationRegistry|BroadcastChannel|Headers|TextDecoder|Uint8Array)\(/g, "new original.$1("],
  [/\bnew Array\(1024\)\.fill\(undefined\);\nheap\.push\(undefined, null, true, false\);/g, FIRST_OBJECTS],
  [/\bArray\.of\((.*)\);/g, "[$1];"],
  [/\bnew Array\(\);/g, "[];"],
  [/\bnew Object\(\);/g, "{};"],
  [/(getObject\(arg0\))\.apply\((.*)\);$/gm, "original.apply($1, $2);"],
  [/(getObject\(arg0\))\.call\((getObject\(arg1\))(?:, )?(.*)\);$/gm, "original.apply($1, $2, [$3]);"],
  [/(getObject\(arg\d\))\.(getItem|setItem|getRandomValues|postMessage|push)\((.*)\);$/gm, "original.$2($1, $3);"],
  [/(getObject\(arg0\))\.(clone|getReader|read|cancel)\(\);/g, "original.$2($1);"],
  [/(getObject\(arg0\))\.(body|byteLength|data|headers|status|type);/g, "original.$2($1);"],
  [/(getObject\(arg1\))\.decode\(\);/g, "original.decode($1);"],
  [/(getObject\(arg1\))\.decode\((.+)\);$/gm, "original.decode($1, $2);"],
  [/(getObject\(arg0\))\.then\((.*)\);$/gm, "original.follow($1, $2);"],
  [/getArrayU8FromWasm0\(/g, "bytes("],
  [/heap\.push\(heap\.length \+ 1\)/g, "heap[heap.length] = heap.length + 1"],
  [/CoreFinalization\.register\((.*)\);/g, "original.register(CoreFinalization, $1);"],
  // No views of the whole memory go through the methods of DataView. All that is read and written so is aligned.
  [/getDataViewMemory0\(\)\.getInt32\((.*), true\);$/gm, "integers()[($1) >> 2];"],
  [/getDataViewMemory0\(\)\.setInt32\((.*), ([^,]+), true\);$/gm, "integers()[($1) >> 2] = $2;"],
  [/getDataViewMemory0\(\)\.set(Float|BigInt)64\((\(.*?\) \+ 8 \* 1), (.*), true\);$/gm, "new original.$164Array((integers(), buffer))[($2) >> 3] = $3;"],
];

/** Functions of the glue that have their like below. */
const OWN = ["getDataViewMemory0", "getStringFromWasm0", "getArrayU8FromWasm0", "getUint8ArrayMemory0", "passStringToWasm0", "decodeText"];

/** The core's memory, and texts in it. Nobody else ever has a view of it: a whole memory is full of tokens. */
const MEMORY = `
let buffer, view;
function integers() {
  // Memory that has grown leaves its old buffer behind, empty.
  if (view?.[0] === undefined) view = new original.Int32Array((buffer = original.buffer(wasm.memory)));
  return view;
}

function bytes(ptr, length) {
  integers();
  return new original.Uint8Array(buffer, ptr >>> 0, length);
}

let decoder, decoded = 0;
function getStringFromWasm0(ptr, length) {
  // Safari's decoder can read no more than two gigabytes in its life.
  decoded += length;
  if (!decoder || decoded > 2e9) {
    decoder = new original.TextDecoder("utf-8", { ignoreBOM: true });
    decoded = length;
  }
  return original.decode(decoder, bytes(ptr, length));
}

const encoder = new original.TextEncoder();
let WASM_VECTOR_LEN = 0;
function passStringToWasm0(text, malloc, realloc) {
  let { length } = text;
  let ptr = malloc(length, 1) >>> 0;
  let { read, written } = original.encodeInto(encoder, text, bytes(ptr, length));
  if (read < length) {
    // Not all of it is ASCII.
    ptr = realloc(ptr, length, length * 3, 1) >>> 0;
    length *= 3;
    written = original.encodeInto(encoder, text, bytes(ptr, length)).written;
    ptr = realloc(ptr, length, written, 1) >>> 0;
  }
  WASM_VECTOR_LEN = written;
  return ptr;
}
`;

/** The glue as a module that exports `createGlue`; pkg/src/core/glue.ts says what that is. */
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
  body = body
    .replace(CALLING, `return call(() => f($1, state.b, ${MOST_ARGUMENTS}));`)
    .replace(/^( +const real = )\(\.\.\.args\) => \{$/gm, `$1(${MOST_ARGUMENTS}) => {`);
  for (const name of OWN) body = replaceOnce(body, new RegExp(`^function ${name}\\([^]*?^}\n`, "m"), "");
  body = replaceOnce(body, /^let cachedTextDecoder = [^]*?^let WASM_VECTOR_LEN = 0;$/m, "");
  body = body.replace(/^let cached\w+Memory0 = null;$/gm, "");
  for (const [call, own] of CALLS) {
    if (body.search(call) === -1) throw new Error(`wasm-bindgen's glue has no ${call} any more: take it out of scripts/glue.mjs`);
    body = body.replace(call, own);
  }

  return `export function createGlue(call, original) {
let wasm;
${body}${MEMORY}
return {
  imports: __wbg_get_imports(),
  core: { ${names.join(", ")} },
  start(exports) { wasm = exports; },
  grown() { view = undefined; },
};
}
`;
}

/**
 * wasm2js's output as a module that exports `runScript(imports, original)`.
 *
 * Memory that grows is a new buffer there, and the old one stays readable: `imports.grown` is told, so that
 * nobody goes on with the old one. An i64 comes in halves; the glue wants a BigInt.
 */
export function scriptModule(script) {
  const grown = replaceOnce(script, "   bufferView = HEAPU8;\n  }", "   bufferView = HEAPU8;\n   imports.grown();\n  }");
  if (/legalstub|setTempRet0|getTempRet0/.test(grown)) throw new Error("no function may answer with an i64: say it with f64");
  // Nothing of the page's own is asked about a memory either (pkg/src/platform/originals.ts).
  const alone = [
    ["newHEAP8.set(HEAP8)", "copyBytes(newHEAP8, HEAP8)"],
    ["return buffer.byteLength >> 16;", "return pages;"],
    [" var HEAP8 = new Int8Array(buffer);", " var HEAP8 = new Int8Array(buffer);\n var pages = buffer.byteLength >> 16;"],
    ["   buffer = newBuffer;", "   buffer = newBuffer;\n   pages = newPages;"],
  ].reduce((text, [from, to]) => replaceOnce(text, from, to), grown);
  const whole = alone.replace(/^( var legalimport\S+ = )(.+);$/gm, "$1halves($2);");
  const body = replaceOnce(whole, "function instantiate(info)", "function run(info)");
  return `export function runScript(imports, original) {
const { ArrayBuffer, Int8Array, Int16Array, Int32Array, Uint8Array, Uint16Array, Uint32Array, Float32Array, Float64Array, copyBytes } = original;
function halves(take) { return (low, high) => take((BigInt(high) << BigInt(32)) | BigInt(low >>> 0)); }
${body}
return run(imports);
}
`;
}

function replaceOnce(text, from, to) {
  if (text.split(from).length !== 2) throw new Error(`what was generated has another shape than scripts/glue.mjs knows: ${from}`);
  return text.replace(from, () => to);
}
