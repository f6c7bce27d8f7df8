/**
 * The core as JavaScript, made from the same WebAssembly: for browsers that have none (Lockdown Mode) or may not
 * use it (a Content-Security-Policy without 'wasm-unsafe-eval'). Loaded only there.
 */
export { instantiate } from "./module.js";
export { runScript } from "../../generated/core-script.js";
