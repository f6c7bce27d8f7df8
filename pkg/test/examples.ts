import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where the package is: tests run from there. */
const root = process.cwd();

/** Compiles `files` (name → text) as an application's own code, and gives back what the compiler says. */
export function compileExamples(name: string, files: ReadonlyMap<string, string>, compilerOptions: object = {}): string {
  const folder = join(root, ".readme", name.replace(/\W/g, "-"));
  rmSync(folder, { recursive: true, force: true });
  for (const [file, text] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const paths = {
    hallpass: [join(root, "src/index.ts")],
    "hallpass/devtools": [join(root, "src/devtools/index.ts")],
    "hallpass/slim": [join(root, "src/slim.ts")],
    "hallpass/server": [join(root, "src/server/index.ts")],
    "hallpass/*": [join(root, "src/adapters/*")],
  };
  const config = {
    extends: join(root, "test/types/tsconfig.json"),
    // Each file is a program of its own: what two of them declare does not collide.
    compilerOptions: { target: "ES2022", skipLibCheck: true, moduleDetection: "force", paths, ...compilerOptions },
    include: ["."],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  try {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "--noEmit", "-p", folder], { encoding: "utf8" });
    return "";
  } catch (error) {
    return String((error as { stdout: unknown }).stdout);
  }
}
