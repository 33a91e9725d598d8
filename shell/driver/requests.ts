/**
 * What hosts have asked of a server and not yet been told. Every request is answered once: with a
 * success, a definite failure, or as unknown, and none of these is ever guessed.
 */
import * as Effect from "effect/Effect";
import type {
  Entry,
  LogIndex,
  RejectEffect,
  ServerId,
  Snapshot,
  State,
  Term,
} from "../../kernel/index.ts";
import { NotLeader, OutcomeUnknown, Refused, type RequestError, Stopped } from "./server.ts";

/** Where an answer goes; called once. */
export type Answer<A> = (outcome: Effect.Effect<A, RequestError>) => void;

/** A request of a host. */
export type Ask<S, R> =
  | { readonly kind: "propose"; readonly command: string; readonly answer: Answer<R> }
  | { readonly kind: "read"; readonly answer: Answer<S> }
  | {
      readonly kind: "propose-configuration";
      readonly voters: readonly ServerId[];
      readonly learners: readonly ServerId[];
      readonly answer: Answer<void>;
    }
  | { readonly kind: "transfer-leadership"; readonly to: ServerId; readonly answer: Answer<void> }
  | { readonly kind: "take-snapshot"; readonly answer: Answer<Snapshot> };

/** The failure that a kernel's refusal comes to. */
export function failureOf({ request, reason, leaderId }: RejectEffect): RequestError {
  if (reason === "not-leader") return new NotLeader({ leaderId });
  // The other server may have been told to campaign, and may yet be elected.
  if (reason === "timed-out" || (request === "transfer-leadership" && reason === "leader-lost")) {
    return new OutcomeUnknown({
      message: `leadership was not handed over: ${reason}; it still may`,
    });
  }
  return new Refused({ reason, leaderId });
}

/** The failure of a request that was not taken. */
export function refused(
  reason: Refused["reason"],
  { leaderId }: State,
): Effect.Effect<never, RequestError> {
  return Effect.fail(new Refused({ reason, leaderId }));
}

/** An entry that a request appended: whether it is committed is seen by index and term. */
interface Appended<A> {
  readonly term: Term;
  readonly answer: Answer<A>;
}

interface Change extends Appended<void> {
  readonly index: LogIndex;
}

interface WaitingRead<S> {
  readonly index: LogIndex;
  readonly answers: readonly Answer<S>[];
}

/** The requests that a kernel has taken and that are not answered yet. */
export class Requests<S, R> {
  /** More than one where a later leader replaced an entry, and this server led again since. */
  readonly #proposals = new Map<LogIndex, readonly Appended<R>[]>();
  #change: Change | null = null;
  #transfer: (Appended<void> & { readonly to: ServerId }) | null = null;
  readonly #reads = new Map<string, readonly Answer<S>[]>();
  #waiting: WaitingRead<S>[] = [];

  proposed(index: LogIndex, term: Term, answer: Answer<R>): void {
    // Until the index is committed, an entry that was replaced here may yet come back.
    const earlier = this.#proposals.get(index);
    this.#proposals.set(index, earlier ? [...earlier, { term, answer }] : [{ term, answer }]);
  }

  changing(index: LogIndex, term: Term, answer: Answer<void>): void {
    this.#change?.answer(unknown("another change of the members began"));
    this.#change = { index, term, answer };
  }

  transferring(to: ServerId, term: Term, answer: Answer<void>): void {
    this.#transfer?.answer(unknown("another transfer of leadership began"));
    this.#transfer = { to, term, answer };
  }

  reading(read: string, answers: readonly Answer<S>[]): void {
    this.#reads.set(read, answers);
  }

  /** Entry `entry` is committed, and applied with `response` where it holds a command. */
  applied(entry: Entry, response: R | undefined): void {
    const proposals = this.#proposals.get(entry.index);
    if (proposals !== undefined) {
      this.#proposals.delete(entry.index);
      for (const { term, answer } of proposals) {
        answer(term === entry.term ? Effect.succeed(response as R) : replaced);
      }
    }
    if (this.#change !== null && entry.index >= this.#change.index) this.#proceed(entry);
  }

  /** A change is done with the first configuration from its entry on that is not joint. */
  #proceed(entry: Entry): void {
    const { index, term, answer } = this.#change as Change;
    if (entry.index === index && entry.term !== term) {
      this.#change = null;
      return answer(replaced);
    }
    if (entry.payload.kind !== "configuration") return;
    if (entry.payload.configuration.outgoingVoters.length > 0) return;
    this.#change = null;
    answer(Effect.void);
  }

  /** The state machine was replaced by a snapshot up to `index`: what it holds is not known. */
  installed(index: LogIndex): void {
    const answer = unknown("this server was given a snapshot instead of the entries");
    for (const [at, proposals] of this.#proposals) {
      if (at > index) continue;
      this.#proposals.delete(at);
      for (const proposal of proposals) proposal.answer(answer);
    }
    if (this.#change === null || this.#change.index > index) return;
    this.#change.answer(answer);
    this.#change = null;
  }

  /** A read may be answered once entry `index` is applied. */
  readReady(read: string, index: LogIndex): void {
    const answers = this.#reads.get(read);
    this.#reads.delete(read);
    if (answers !== undefined) this.#waiting.push({ index, answers });
  }

  /** Answers the reads that waited for no more than entry `index`, with `state` as of there. */
  serveReads(index: LogIndex, state: S): void {
    if (this.#waiting.length === 0) return;
    const ready = this.#waiting.filter((read) => read.index <= index);
    this.#waiting = this.#waiting.filter((read) => read.index > index);
    for (const { answers } of ready) {
      for (const answer of answers) answer(Effect.succeed(state));
    }
  }

  /** A request that was taken is refused after all. */
  rejected(effect: RejectEffect): void {
    const failure = Effect.fail(failureOf(effect));
    if (effect.request === "transfer-leadership") {
      this.#transfer?.answer(failure);
      this.#transfer = null;
    }
    if (effect.read === null) return;
    for (const answer of this.#reads.get(effect.read) ?? []) answer(failure);
    this.#reads.delete(effect.read);
  }

  /** Who leads `term`, as this server knows now: a transfer ends with the next one to lead. */
  follows(leaderId: ServerId | null, term: Term): void {
    if (this.#transfer === null || leaderId === null || term === this.#transfer.term) return;
    const { to, answer } = this.#transfer;
    this.#transfer = null;
    if (leaderId === to) return answer(Effect.void);
    answer(unknown(`${leaderId} was elected, not ${to}`));
  }

  /** The server has stopped: whatever was appended may be committed by others. */
  stop(reason: string): void {
    const lost = unknown(`the server stopped meanwhile: ${reason}`);
    for (const { answer } of [...this.#proposals.values()].flat()) answer(lost);
    this.#change?.answer(lost);
    this.#transfer?.answer(lost);
    const stopped = Effect.fail(new Stopped({ message: reason }));
    const reads = [...this.#reads.values(), ...this.#waiting.map(({ answers }) => answers)];
    for (const answer of reads.flat()) answer(stopped);
    this.#proposals.clear();
    this.#reads.clear();
    this.#waiting = [];
    this.#change = null;
    this.#transfer = null;
  }
}

/** Another entry is committed where the request's was: that one never will be (§3.6, L1). */
const replaced: Effect.Effect<never, RequestError> = Effect.fail(new NotLeader({ leaderId: null }));

function unknown(message: string): Effect.Effect<never, RequestError> {
  return Effect.fail(new OutcomeUnknown({ message }));
}
