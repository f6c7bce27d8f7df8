/** The addresses that the delivering server wrote into index.html; its usual ones where another server delivered it. */

export const apiOrigin = written("api-origin") ?? "http://localhost:7081";

/** An origin that must never see the token: it answers with what it received. */
export const foreignOrigin = written("foreign-origin") ?? "http://localhost:7082";

function written(name: string): string | undefined {
  const content = document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content;
  return content === undefined || content.startsWith("__") ? undefined : content;
}
