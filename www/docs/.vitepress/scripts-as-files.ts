import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SiteConfig } from "vitepress";

const INLINE = /<script( id="[\w-]+")?>(.+?)<\/script>/gs;

/**
 * Puts the generator's few inline scripts into files, so that the pages work under `script-src 'self'`.
 * They stay where they were: a script without `defer` runs before anything is painted.
 */
export function scriptsAsFiles(): { transformHtml: (html: string) => string; buildEnd: (site: SiteConfig) => void } {
  const files = new Map<string, string>();
  return {
    transformHtml: (html) =>
      html.replace(INLINE, (_, id: string | undefined, code: string) => {
        const name = `assets/inline.${createHash("sha256").update(code).digest("hex").slice(0, 8)}.js`;
        files.set(name, code);
        return `<script${id ?? ""} src="/${name}"></script>`;
      }),
    buildEnd: (site) => {
      for (const [name, code] of files) writeFileSync(join(site.outDir, name), code);
    },
  };
}
