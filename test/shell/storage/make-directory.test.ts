/** Directories that are made, and those that cannot be. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { makeDirectory } from "../../../shell/storage/make-directory.ts";
import { newFolder } from "./places.ts";

it("makes what is missing of a path, for whom it says", () => {
  const folder = newFolder();
  const deep = join(folder, "a", "b", "c");
  makeDirectory(deep, 0o700);
  makeDirectory(deep, 0o700);
  for (const made of [deep, join(folder, "a")]) expect(statSync(made).mode & 0o777).toBe(0o700);
  mkdirSync(join(folder, "other"));
  makeDirectory(join(folder, "other", "."), 0o700);
  expect(statSync(join(folder, "other")).mode & 0o777).not.toBe(0o700);
});

it("says why where something is in the way", () => {
  const file = join(newFolder(), "file");
  writeFileSync(file, "");
  expect(() => makeDirectory(file)).toThrow(`EEXIST: file already exists, mkdir '${file}'`);
  expect(() => makeDirectory(join(file, "a", "b"))).toThrow("ENOTDIR");
});

// In processes: one that never gives up would not be ended by a test's own timeout.
it.runIf(existsSync("/proc/self"))(
  "ends where a directory takes no others",
  async () => {
    const main = fileURLToPath(new URL("../../../cli/main.ts", import.meta.url));
    const members = "n1=127.0.0.1:9@http://127.0.0.1:10";
    const serve = ["serve", "--insecure", "--id", "n1", "--members", members];
    const data = join(newFolder(), "n1");
    const ends = [
      [...serve, "--data-dir", "/proc/quorate/n1"],
      [...serve, "--data-dir", data, "--journal", "/proc/quorate/n1"],
      ["cluster", "--data-dir", "/proc/quorate/n1"],
    ].map(async (args) => {
      const child = spawn(process.execPath, [main, ...args], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => {
        said += chunk;
      });
      await once(child, "close");
      return said;
    });
    for (const said of await Promise.all(ends)) expect(said).toMatch(/ENOENT: .*'\/proc\/quorate/);
  },
  60_000,
);
