/** The core as WebAssembly, as a module of its own: `core.js`. */
export { instantiate } from "./module.js";
export { bytesOf } from "./hex.js";
export { HEX } from "../../generated/core-text.js";
