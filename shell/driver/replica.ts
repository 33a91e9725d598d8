/** The replicated state machine of one server, and how far the log has been applied to it. */
import {
  type Applied,
  type Entry,
  type LogIndex,
  type Snapshot,
  SnapshotError,
  type StateMachine,
  snapshotParts,
  type Term,
} from "../../kernel/index.ts";
import { hosted, saidBy } from "./thrown.ts";

/** The machine's state after the entry (`index`, `term`). */
export interface Restored<S> {
  readonly index: LogIndex;
  readonly term: Term;
  readonly state: S;
}

/** The state of a snapshot's bytes. Throws `SnapshotError` where they are of no snapshot. */
export function restored<S, R>(
  machine: StateMachine<S, R>,
  { lastIndex, lastTerm }: Snapshot,
  data: Uint8Array,
): Restored<S> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch (error) {
    const isLong = (error as NodeJS.ErrnoException).code === "ERR_STRING_TOO_LONG";
    const fault = isLong ? `${data.length} bytes are too many for a text` : "it is not UTF-8";
    throw new SnapshotError(`the snapshot: ${fault}`);
  }
  return { index: lastIndex, term: lastTerm, state: machine.restore(text) };
}

/** A state machine in operation. */
export class Replica<S, R> {
  readonly #machine: StateMachine<S, R>;
  #at: Restored<S>;

  constructor(machine: StateMachine<S, R>, at: Restored<S> | null) {
    this.#machine = machine;
    this.#at = at ?? { index: 0, term: 0, state: machine.initial };
  }

  get at(): Restored<S> {
    return this.#at;
  }

  /** Applies the next entry; gives the response to a command. Throws where it is not the next. */
  apply({ index, term, payload }: Entry): R | undefined {
    if (index !== this.#at.index + 1) {
      throw new Error(`entry ${index} cannot be applied after entry ${this.#at.index}`);
    }
    if (payload.kind !== "command") {
      this.#at = { index, term, state: this.#at.state };
      return undefined;
    }
    const { state, response } = this.#applied(payload.command, index);
    this.#at = { index, term, state };
    return response;
  }

  /** Without `hosted`, for this is done for every command. */
  #applied(command: string, index: LogIndex): Applied<S, R> {
    try {
      return this.#machine.apply(this.#at.state, command, index);
    } catch (error) {
      const message = `the state machine threw at entry ${index}: ${saidBy(error)}`;
      throw new Error(message, { cause: error });
    }
  }

  /** Goes on from a snapshot instead. */
  install(at: Restored<S>): void {
    this.#at = at;
  }

  /** A snapshot of the state now, in parts that are made when they are asked for. */
  snapshot(): Iterable<string> {
    return hosted(`the state machine gives no snapshot of entry ${this.#at.index}`, () =>
      snapshotParts(this.#machine, this.#at.state),
    );
  }
}
