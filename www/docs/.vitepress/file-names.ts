import type { MarkdownRenderer } from "vitepress";

/**
 * Shows the name of a file above its code: "```ts [auth.ts]". Inside a code group the tabs have the names already.
 * The test of the examples gives the file that name, too.
 */
export function fileNames(md: MarkdownRenderer): void {
  const fence = md.renderer.rules.fence;
  if (fence === undefined) return;
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    // Asked first: rendering takes the name away.
    const name = /\[(.+)\]/.exec(tokens[index]?.info ?? "")?.[1];
    const html = fence(tokens, index, options, env, self);
    if (name === undefined || isInGroup(tokens.slice(0, index))) return html;
    return html.replace(/<span class="lang">[^<]*<\/span>/, `<span class="lang file">${md.utils.escapeHtml(name)}</span>`);
  };
}

function isInGroup(before: { type: string }[]): boolean {
  const kinds = before.map((token) => token.type).filter((type) => type.startsWith("container_code-group_"));
  return kinds.at(-1) === "container_code-group_open";
}
