/** An element with a class and children. Texts become text nodes, never markup (Trusted Types have nothing to say). */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...children);
  return element;
}

/** A part that can be folded away. */
export function fold(title: string, open: boolean, ...children: Node[]): HTMLDetailsElement {
  const details = el("details", "part", el("summary", "", title), ...children);
  details.open = open;
  return details;
}

/** Sets a text, and leaves the page alone where it is the same. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A token as it may be shown: that it is one, and how long. Of an opaque one not even the beginning. */
export function redacted(token: string): string {
  return `${token.startsWith("eyJ") ? "eyJ" : ""}… (${String(token.length)} bytes)`;
}

/** A text as it may be shown: whatever looks like a JWT in it is redacted. */
export function safe(text: string): string {
  return text.replace(/eyJ[\w-]*\.[\w-]+\.[\w-]*/g, redacted);
}
