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
  },
});
