/**
 * What a replicated service is to Raft: a deterministic state machine. Thesis §2.1: servers that
 * apply the same commands in the same order end in the same state and give the same responses;
 * §5.1: a snapshot stands for every command that led to it.
 */
import type { LogIndex } from "./types.ts";

/**
 * A state machine with states `S` and responses `R`. All of it is pure: no clock, no chance, no
 * memory beside the state, and no state is ever changed in place. `checkDeterminism` of
 * `quorate/spec` tests a machine for this.
 */
export interface StateMachine<S, R> {
  /** The state before the first command. */
  readonly initial: S;
  /**
   * Carries out one committed command. Total: what the machine cannot do is a response, too.
   * `index` is the command's in the log: it grows from one to the next, with gaps, for not all
   * entries are commands; it is the same on every server, so a past state can be named by it.
   */
  apply(state: S, command: string, index: LogIndex): Applied<S, R>;
  /**
   * The whole state as text: everything that a later response may depend on. It holds no half of
   * a surrogate pair, for it becomes bytes; JSON escapes them.
   */
  snapshot(state: S): string;
  /**
   * The text of `snapshot` in parts, each made when it is asked for: with much state, the host
   * does other work in between, and the machine goes on meanwhile. A part should hold no more
   * than some thousands of characters. Where it is left out, the snapshot is one part.
   */
  snapshotParts?(state: S): Iterable<string>;
  /** The state of a snapshot. Throws `SnapshotError` on any text that `snapshot` cannot give. */
  restore(text: string): S;
}

/** What a command leads to. */
export interface Applied<S, R> {
  readonly state: S;
  readonly response: R;
}

/** Thrown by `restore`: the text is no snapshot of this machine; the message says where. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
}
