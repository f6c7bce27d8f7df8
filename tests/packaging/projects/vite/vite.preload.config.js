import { defineConfig } from "vite";

/** Lets the page fetch hallpass's core beside the application, not after it. */
const preloadCore = {
  name: "preload-hallpass-core",
  transformIndexHtml: {
    order: "post",
    handler(_html, { bundle }) {
      const core = Object.values(bundle ?? {}).find((file) => file.type === "chunk" && file.facadeModuleId?.endsWith("/hallpass/dist/core.js"));
      return core && [{ tag: "link", attrs: { rel: "modulepreload", href: `/${core.fileName}` }, injectTo: "head" }];
    },
  },
};

export default defineConfig({ plugins: [preloadCore] });
