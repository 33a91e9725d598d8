/** The kernel's unit tests under the bug named by `QUORATE_MUTANT`, up to the first failure. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("../.."),
  test: {
    include: ["test/kernel/**/*.test.ts"],
    watch: false,
    bail: 1,
    pool: "forks",
    maxWorkers: 1,
    isolate: false,
    execArgv: ["--import", here("hooks.ts")],
    // Node loads the sources itself, so that the hook sees every module of the kernel.
    experimental: { viteModuleRunner: false },
  },
});
