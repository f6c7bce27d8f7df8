import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // The content security policy allows scripts and styles as files only: nothing small becomes a data: URL.
    assetsInlineLimit: 0,
    // Ionic and the package with its inlined core, in one file: a demo has no need to split them.
    chunkSizeWarningLimit: 1600,
    rolldownOptions: {
      // Ionic's lazy parts too: a page that is left, or whose server is gone, would fail to load them.
      output: { codeSplitting: false },
      treeshake: {
        // Ionic does not say in its package.json that unused components may be left out. Less than half remains.
        moduleSideEffects: (id) => !/@ionic\/(core|react)\/.*\.js$/.test(id),
      },
    },
  },
});
