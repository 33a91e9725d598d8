/** Backups of the service: from the API's text to the snapshot that a new cluster begins with. */
import { type Snapshot, SnapshotError } from "../../kernel/index.ts";
import { keyValueMachine } from "../machines/key-value.ts";
import { serviceMachine } from "./machine.ts";

/**
 * The snapshot of a new cluster with the keys of a backup, without its sessions and addresses.
 * Throws SnapshotError where the text is no backup.
 */
export function snapshotOfBackup(text: string): { snapshot: Snapshot; data: Uint8Array } {
  const end = text.indexOf("\n");
  const head = parsed(text.slice(0, Math.max(0, end)));
  if (head?.format !== "quorate backup 1") throw new SnapshotError("the text is no backup");
  const machine = serviceMachine();
  const keys = keyValueMachine().restore(text.slice(end + 1).trimEnd());
  const state = {
    ...machine.initial,
    sessions: { ...machine.initial.sessions, machine: keys },
  };
  const snapshot = {
    lastIndex: head.index,
    lastTerm: head.term,
    configuration: head.configuration,
  };
  return { snapshot, data: new TextEncoder().encode(machine.snapshot(state)) };
}

interface Head {
  readonly format: string;
  readonly index: number;
  readonly term: number;
  readonly configuration: Snapshot["configuration"];
}

function parsed(line: string): Head | null {
  try {
    return JSON.parse(line) as Head | null;
  } catch {
    return null;
  }
}
