/**
 * When a server takes snapshots, and when its log is compacted up to them (thesis §5.1). One is
 * saved at a time, and the log goes on meanwhile.
 */
import * as Effect from "effect/Effect";
import {
  configurationAt,
  type Entry,
  type LogIndex,
  type Snapshot,
  type State,
  termAt,
} from "../../kernel/index.ts";
import type { Restored } from "./replica.ts";
import { type Answer, refused } from "./requests.ts";
import { Stopped } from "./server.ts";

/**
 * When snapshots are taken without being asked for: the work is in proportion to the state, so it
 * is done when the log has grown in proportion to it (thesis §5.1.3).
 */
export interface SnapshotPolicy {
  /** Take none before so many entries were applied since the last. */
  readonly every: number;
  /** Take none before their commands have so many times the characters of the last's bytes. */
  readonly expansion: number;
  /** So many entries stay in the log after it, for followers that lag a little. */
  readonly trailing: number;
}

/** How far the machine is. */
type At = Omit<Restored<unknown>, "state">;

/** What is done about snapshots by others. */
export interface SnapshotWork {
  /** Begins to store the machine as it is; `saved` is called when it is done. */
  readonly save: (snapshot: Snapshot) => void;
  /** Compacts the log up to a snapshot that is stored. */
  readonly compact: (lastIndex: LogIndex) => void;
}

/** The snapshots of one server. */
export class Snapshots {
  readonly #policy: SnapshotPolicy;
  readonly #work: SnapshotWork;
  #isSaving = false;
  /** Of the latest snapshot that was stored here. */
  #bytes = 0;
  /** Characters of the commands applied since that was taken. */
  #appliedChars = 0;
  /** A stored snapshot up to which the log is to be compacted once it has gone on. */
  #saved: Snapshot | null = null;
  #asks: Answer<Snapshot>[] = [];

  constructor(policy: SnapshotPolicy, work: SnapshotWork) {
    this.#policy = policy;
    this.#work = work;
  }

  applied({ payload }: Entry): void {
    if (payload.kind === "command") this.#appliedChars += payload.command.length;
  }

  /** Does what is due now that entries were applied. */
  consider(state: State, at: At): void {
    const { every, trailing, expansion } = this.#policy;
    if (this.#saved !== null && at.index >= this.#saved.lastIndex + trailing) this.#compact();
    if (this.#isSaving || this.#saved !== null) return;
    if (this.#appliedChars < expansion * this.#bytes) return;
    if (at.index - baseOf(state) >= every + trailing) this.#save(state, at);
  }

  /** A snapshot is asked for, and the log compacted up to it at once. */
  asked(answer: Answer<Snapshot>, state: State, at: At): void {
    const base = baseOf(state);
    if (at.index === base && base > 0) {
      const { configuration } = configurationAt(state.configurations, base);
      const lastTerm = termAt(state.log, base);
      return answer(Effect.succeed({ lastIndex: base, lastTerm, configuration }));
    }
    if (!this.#isSaving && at.index === this.#saved?.lastIndex) {
      const stored = this.#saved;
      this.#compact();
      return answer(Effect.succeed(stored));
    }
    if (!this.#isSaving && !this.#save(state, at)) return answer(refused("not-ready", state));
    this.#asks.push(answer);
  }

  /** What `save` was given is durable, in so many bytes. */
  saved(snapshot: Snapshot, bytes: number): void {
    this.#isSaving = false;
    // None are counted of one that was stored already.
    if (bytes > 0) this.#bytes = bytes;
    this.#saved = snapshot;
    if (this.#asks.length === 0) return;
    this.#compact();
    this.#answerAll(Effect.succeed(snapshot));
  }

  /**
   * What `save` was given has more than `bytes`, and could not be read again: the log stays. The
   * next attempt is made when it has grown in proportion, or when one is asked for.
   */
  tooLarge(bytes: number, state: State): void {
    this.#isSaving = false;
    this.#bytes = bytes;
    this.#answerAll(refused("too-large", state));
  }

  /** The server has stopped. */
  stop(reason: string): void {
    this.#answerAll(Effect.fail(new Stopped({ message: reason })));
  }

  #answerAll(outcome: Parameters<Answer<Snapshot>>[0]): void {
    const answers = this.#asks;
    this.#asks = [];
    for (const answer of answers) answer(outcome);
  }

  /** False where the kernel could not tell what the machine is of. */
  #save(state: State, { index, term }: At): boolean {
    // A received snapshot, which is not durable yet, may have overtaken the machine.
    if (index <= baseOf(state)) return false;
    const { configuration } = configurationAt(state.configurations, index);
    if (configuration.voters.length === 0) return false;
    this.#isSaving = true;
    this.#appliedChars = 0;
    this.#work.save({ lastIndex: index, lastTerm: term, configuration });
    return true;
  }

  #compact(): void {
    const { lastIndex } = this.#saved as Snapshot;
    this.#saved = null;
    this.#work.compact(lastIndex);
  }
}

/** Where the log begins. */
function baseOf({ log }: State): LogIndex {
  return log.entries.start;
}
