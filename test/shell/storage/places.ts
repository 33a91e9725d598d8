/** Directories of their own for tests, and what they run in them. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import { onTestFinished } from "vitest";
import type { Storage } from "../../../shell/driver/services.ts";
import { conformanceFounding } from "../../../shell/storage/conformance.ts";
import { openStorage, type StorageOptions } from "../../../shell/storage/index.ts";

/** Where a sync takes no time, if there is such a place: for tests that start very often. */
export const FAST = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A folder that is removed after the test. */
export function newFolder(within = tmpdir()): string {
  const folder = mkdtempSync(join(within, "quorate-storage-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The options of server n1 of cluster c in a directory that does not exist yet. */
export function newOptions(): StorageOptions {
  const directory = join(newFolder(), "n1");
  return { directory, cluster: "c", server: "n1", founding: conformanceFounding };
}

/** Opens the storage, uses it, closes it. Rejects with what fails. */
export function using<A, E>(
  options: StorageOptions,
  use: (storage: Storage["Service"]) => Effect.Effect<A, E>,
): Promise<A> {
  return Effect.runPromise(Effect.scoped(Effect.flatMap(openStorage(options), use)));
}
