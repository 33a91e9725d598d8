import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    watch: false,
    allowOnly: false,
    // One a core: by default one core is left idle.
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ["test/tools/coverage.ts"],
    // Node runs the sources itself and keeps every position: V8's coverage then maps exactly.
    experimental: { viteModuleRunner: false },
  },
});
