import { rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

/**
 * Writes `text` into `file` of the project in `folder`, in one step: a watcher that reads between the two steps of
 * writing in place (it is empty, it is full) sees a module without exports.
 */
export async function replaceFile(folder, file, text) {
  const written = join(folder, "node_modules", `.${basename(file)}`);
  await writeFile(written, text);
  await rename(written, join(folder, file));
}
