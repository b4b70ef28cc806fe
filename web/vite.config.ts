// How the console is built: hashed files in web/dist, nothing inlined (the page's CSP allows no inline script or style).

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import packageFile from "../package.json" with { type: "json" };

export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [react()],
  define: { __RELEASE__: JSON.stringify(packageFile.version) },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    target: "es2023",
    chunkSizeWarningLimit: 1000,
  },
});
