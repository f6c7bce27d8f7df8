/** The same with sign-in at a provider: `core-provider.js`. */
export { instantiate } from "./module.js";
export { bytesOf } from "./hex.js";
export { HEX } from "../../generated/core-provider-text.js";
