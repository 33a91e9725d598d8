/** Runs the command as a user does: a process of its own, its output and its exit code. */
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** What a process printed and answered. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run it: with a module loaded first, in an environment, until it says something. */
export interface How {
  readonly preload?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sent when the first line of progress appears. */
  readonly signal?: NodeJS.Signals;
  /** Of the test that runs it: Vitest knows the current one by itself only where one runs alone. */
  readonly onTestFinished?: (then: () => void) => void;
}

/** `quorate ARGS`, to its end. */
export async function quorate(args: readonly string[], how: How = {}): Promise<Ran> {
  const { preload, env = {}, signal } = how;
  const imports = preload === undefined ? [] : ["--import", preload];
  const child = spawn(process.execPath, [...imports, MAIN, ...args], {
    // A child may run changed sources: its coverage is not the kernel's.
    env: {
      ...process.env,
      NODE_V8_COVERAGE: undefined,
      NO_COLOR: "",
      FORCE_COLOR: "",
      LC_ALL: "C.UTF-8",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A test that gives up waiting leaves no check behind that goes on for hours.
  (how.onTestFinished ?? onTestFinished)(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  if (signal !== undefined) child.stderr.once("data", () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** A module to preload, from its text. */
export function moduleOf(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

/** A preload that puts `to` in place of `from` when the module at `path` is loaded. */
export function substituting(path: string, from: string, to: string): string {
  const url = pathToFileURL(fileURLToPath(new URL(`../../${path}`, import.meta.url))).href;
  return moduleOf(`
    import { registerHooks } from "node:module";
    registerHooks({
      load(url, context, nextLoad) {
        const loaded = nextLoad(url, context);
        if (url !== ${JSON.stringify(url)}) return loaded;
        const source = String(loaded.source).split(${JSON.stringify(from)});
        if (source.length !== 2) throw new Error("the text to replace is not there once");
        return { ...loaded, source: source.join(${JSON.stringify(to)}) };
      },
    });
  `);
}

const folder = mkdtempSync(join(tmpdir(), "quorate-"));

/** A path in a new folder; with text, the file exists. */
export function file(name: string, text?: string): string {
  const path = join(folder, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
}
