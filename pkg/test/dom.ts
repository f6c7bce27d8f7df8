import { Window } from "happy-dom";
import type { ReactNode } from "react";

/** A DOM for React, in place of the page's bare one. */
export interface Dom {
  mount(node: ReactNode): Promise<() => Promise<void>>;
  /** Lets React finish what `change` starts. */
  act(change: () => void): Promise<void>;
  text(): string | null;
  remove(): void;
}

export async function installDom(): Promise<Dom> {
  const window = new Window({ url: "https://app.test/" });
  const globals = { window, document: window.document, navigator: window.navigator, IS_REACT_ACT_ENVIRONMENT: true };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  // React looks at the DOM when it is loaded.
  const { act } = await import("react");
  const { createRoot } = await import("react-dom/client");
  const container = window.document.createElement("div");

  const settle = (change: () => void): Promise<void> =>
    act(async () => {
      change();
      await Promise.resolve();
    });
  return {
    async mount(node) {
      const root = createRoot(container as unknown as HTMLElement);
      await settle(() => {
        root.render(node);
      });
      return () =>
        settle(() => {
          root.unmount();
        });
    },
    act: settle,
    text: () => container.textContent,
    remove() {
      for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name);
      window.close();
    },
  };
}
