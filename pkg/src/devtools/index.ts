import { createPanel, type Panel } from "./panel.js";
import { STYLE } from "./style.js";
import { internalsOf } from "../internals.js";
import { pageBase } from "../platform/page.js";
import type { Auth } from "../types.js";

const TAG = "hallpass-devtools";

/** The developer panel as an element. It shows nothing until its `auth` is set. */
export interface DevtoolsElement extends HTMLElement {
  /** Whose session it shows. */
  auth: Auth<object> | null;
  /** Whether more than the button is to be seen. Default false. */
  open: boolean;
}

/** How to mount the panel. */
export interface DevtoolsOptions {
  /** Where it becomes the last child. Default: the page's body. */
  parent?: Element;
  /** Whether it begins open. Default false. */
  open?: boolean;
}

declare global {
  interface HTMLElementTagNameMap {
    "hallpass-devtools": DevtoolsElement;
  }
}

/**
 * Puts the developer panel on the page: the life of the token, its claims, every change with its reason,
 * the tabs, and what a request to an address would carry and why not. Returns the function that takes it away.
 *
 * For development: it shows no token, but it shows claims. On a server it does nothing.
 *
 * ```js
 * if (import.meta.env.DEV) {
 *   const { mountDevtools } = await import("hallpass/devtools");
 *   mountDevtools(auth);
 * }
 * ```
 */
export function mountDevtools(auth: Auth<object>, options: DevtoolsOptions = {}): () => void {
  internalsOf(auth); // a wrong argument is told here, and not by the element
  if (pageBase() === undefined || typeof customElements === "undefined") return () => undefined;
  defineDevtools();
  const element = document.createElement(TAG);
  element.auth = auth;
  element.open = options.open === true;
  (options.parent ?? document.body).append(element);
  return () => {
    element.remove();
  };
}

/** Makes `<hallpass-devtools>` known to the page, for use in markup; its `auth` is a property. Twice does no harm. */
export function defineDevtools(): void {
  if (typeof customElements === "undefined" || customElements.get(TAG) !== undefined) return;
  customElements.define(TAG, elementClass());
}

/** Made when it is asked for: on a server there is no `HTMLElement` to extend. */
function elementClass(): CustomElementConstructor {
  return class extends HTMLElement implements DevtoolsElement {
    private shown: Auth<object> | null = null;
    private isOpen = false;
    private panel: Panel | undefined;

    get auth(): Auth<object> | null {
      return this.shown;
    }

    set auth(auth: Auth<object> | null) {
      this.shown = auth;
      this.take();
      if (this.isConnected) this.show();
    }

    get open(): boolean {
      return this.panel?.open ?? this.isOpen;
    }

    set open(open: boolean) {
      this.isOpen = open;
      if (this.panel !== undefined) this.panel.open = open;
    }

    connectedCallback(): void {
      // Set before the page knew the element: then they are plain properties, in the way of the real ones.
      for (const name of ["open", "auth"] as const) {
        if (!Object.prototype.hasOwnProperty.call(this, name)) continue;
        const value: unknown = this[name];
        Reflect.deleteProperty(this, name);
        Reflect.set(this, name, value);
      }
      this.show();
    }

    disconnectedCallback(): void {
      this.take();
    }

    private show(): void {
      if (this.shown === null || this.panel !== undefined) return;
      const root = this.shadowRoot ?? styled(this.attachShadow({ mode: "open" }));
      this.panel = createPanel(this.shown, this.isOpen);
      root.append(...this.panel.elements);
    }

    private take(): void {
      if (this.panel === undefined) return;
      this.isOpen = this.panel.open;
      this.panel.close();
      for (const element of this.panel.elements) element.remove();
      this.panel = undefined;
    }
  };
}

/** A constructed sheet needs no `'unsafe-inline'` in `style-src`; engines without them get an element. */
function styled(root: ShadowRoot): ShadowRoot {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const element = document.createElement("style");
    element.textContent = STYLE;
    root.append(element);
  }
  return root;
}
