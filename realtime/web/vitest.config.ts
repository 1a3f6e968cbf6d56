import { defineConfig, mergeConfig } from "vitest/config";
import page from "./vite.config.ts";

// Apart from vite.config.ts, so that a build needs no test tools.
export default mergeConfig(
  page,
  defineConfig({ test: { environment: "happy-dom", include: ["test/**/*.test.{ts,tsx}"] } }),
);
