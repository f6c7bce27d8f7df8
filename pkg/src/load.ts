import { instantiate } from "./core-module.js";
import { makeError } from "./error.js";
import { parseFrozen } from "./json.js";
import { createLoader } from "./loader.js";

/** The core of the default entry. */
export const loader = createLoader([
  async () => {
    const core = await instantiate();
    core.install(makeError, parseFrozen);
    return core;
  },
]);
