import { defineConfig } from "vite";

export default defineConfig({
  // Relative addresses: the page also works behind a proxy that serves it under a prefix.
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: ["chrome111", "firefox114", "safari16.4"],
    // `default-src 'self'` forbids data: addresses and the preload polyfill is not needed.
    assetsInlineLimit: 0,
    modulePreload: false,
    // three.js is larger than that; it is loaded only when the map is seen.
    chunkSizeWarningLimit: 700,
    rolldownOptions: { input: { index: "index.html", now: "now.html" } },
  },
});
