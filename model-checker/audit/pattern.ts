/**
 * The pattern of a step: all that `tla/Raft.tla` can tell of it. A busy cluster takes the same few
 * thousand steps again and again, at other indexes and with other commands; that text, which says
 * what is allowed, is evaluated once for each.
 *
 * Two steps have one pattern where one becomes the other by the following, none of which can make
 * a step of the specification of what is none, or the other way round:
 * - Other commands, and other names of reads, the same for the same. The specification compares
 *   them for being equal, and nothing else.
 * - Other terms, in the same order, the same ones adjacent, 0 the same. Terms are compared, and
 *   one is the next of another; no term is computed otherwise.
 * - An index less, and with it the entry there, wherever there is one; all that is behind it moves
 *   down by one. This is done where nothing that the step names (an end of a log or a message, a
 *   commit or match index, ...) is at or beside that index, where all logs and messages that reach
 *   over it hold the same command or no-op there, and the terms before and after are the same. For
 *   of such an entry nothing is asked but whether two logs hold the same; the last of the indexes
 *   that a quorum has stored is always one that is named; and indexes are compared, or one is the
 *   next of another, so that two named ones that are three apart might as well be a thousand.
 *
 * A pattern holds all of a step, so what is checked is what the pattern says, not the step that it
 * was first seen at: see `pattern-reader.ts`.
 */
import {
  baseIndex,
  type Configuration,
  entriesBetween,
  type KernelConfig,
  type Log,
  type LogIndex,
  lastIndex,
  type Message,
  type ReadName,
  type Role,
  type ServerId,
  type Snapshot,
} from "../../kernel/index.ts";
import { isRefusable } from "../conformance-actions.ts";
import type { LocalInput } from "../process.ts";
import type { Disk, Host } from "./host.ts";
import { PatternWriter } from "./pattern-writer.ts";
import type { Transition } from "./replay.ts";
import { baseFrom, snapshotFrom, storedFrom } from "./window.ts";

/** A move of a server, as its journal shows it: `before` is a disk where it is a start. */
export interface HostMove {
  readonly config: KernelConfig;
  readonly input: LocalInput;
  readonly before: Host | Disk;
  readonly after: Host;
  readonly sent: readonly Message[];
}

/** A step as the specification counts: what it calls the completion of a write is a flush. */
export function moveOf({ config, event, before, after, sent }: Transition): HostMove {
  const input: LocalInput = event.kind === "persisted" ? { kind: "flush" } : event;
  return { config, input, before, after, sent };
}

/** The kinds of what patterns hold, by their numbers. */
export const ROLES = ["follower", "pre-candidate", "candidate", "leader"] as const;
export const MESSAGES = [
  "pre-vote-request",
  "pre-vote-response",
  "request-vote-request",
  "request-vote-response",
  "append-entries-request",
  "append-entries-accepted",
  "append-entries-rejected",
  "heartbeat-request",
  "heartbeat-response",
  "install-snapshot-request",
  "timeout-now-request",
  "read-index-request",
  "read-index-response",
] as const satisfies readonly Message["kind"][];
export const INPUTS = [
  "message",
  "election-timeout",
  "heartbeat-timeout",
  "minimum-election-timeout",
  "lease-timeout",
  "propose",
  "propose-configuration",
  "read",
  "transfer-leadership",
  "campaign",
  "snapshot-taken",
  "snapshot-sent",
  "snapshot-failed",
  "peer-unreachable",
  "flush",
  "crash",
  "restart",
] as const satisfies readonly LocalInput["kind"][];

/** Writes patterns of the moves of a cluster's servers. */
export class Patterns {
  readonly #out: PatternWriter;

  constructor(members: Iterable<ServerId>) {
    this.#out = new PatternWriter(members);
  }

  /**
   * The pattern of a move that does not look at the entries up to `window`, which are there in
   * all logs; 0: it looks at all. null where it has none, and must be checked as it is.
   */
  of(move: HostMove, window: LogIndex): string | null {
    const { config, input, before, after, sent } = move;
    const out = this.#out;
    out.begin(firstOf(move, window));
    out.id(config.id);
    out.flag("state" in before);
    if ("state" in before) {
      out.flag(isRefusable(input, before.state, config.maxUncommittedChars));
      this.#host(before, window, null);
      this.#host(after, window, before);
    } else {
      this.#disk(before, before.snapshot.configuration, window, null);
      this.#host(after, window, null);
    }
    this.#input(input);
    this.#messages(sent);
    return out.end();
  }

  /** What is the very log of `known` is not written again. */
  #host({ state, disk, stream }: Host, window: LogIndex, known: Host | null): void {
    const out = this.#out;
    out.term(state.currentTerm);
    out.id(state.votedFor);
    out.flag(state.leaderContact);
    out.index(state.commitIndex);
    this.#role(state.role);
    const base = baseFrom(state, window);
    this.#log(base, state.log, known?.state.log ?? null);
    this.#disk(disk, base.configuration, window, known?.disk.log ?? null);
    out.plain(stream.length);
    for (const effect of stream) {
      out.flag(effect.kind === "send");
      if (effect.kind === "send") {
        this.#message(effect.message);
        continue;
      }
      const snapshot = snapshotFrom(effect, window);
      out.flag(snapshot !== null);
      if (snapshot !== null) this.#snapshot(snapshot);
      out.term(effect.currentTerm);
      out.id(effect.votedFor);
      out.entries(effect.lastIndex - effect.entries.length, effect.entries);
    }
  }

  #disk(disk: Disk, configuration: Configuration, window: LogIndex, known: Log | null): void {
    this.#out.term(disk.currentTerm);
    this.#out.id(disk.votedFor);
    this.#log(storedFrom(disk, configuration, window), disk.log, known);
  }

  /** A log after `base`; `known` is one that was written before. */
  #log(base: Snapshot, log: Log, known: Log | null): void {
    this.#snapshot(base);
    this.#out.flag(log === known);
    if (log === known) return;
    const from = base.lastIndex;
    this.#out.entries(from, entriesBetween(log, from + 1, lastIndex(log)));
  }

  #snapshot({ lastIndex, lastTerm, configuration }: Snapshot): void {
    this.#out.index(lastIndex);
    this.#out.term(lastTerm);
    this.#out.configuration(configuration);
  }

  #role(role: Role): void {
    const out = this.#out;
    out.plain(ROLES.indexOf(role.kind));
    if (role.kind === "follower") {
      out.plain(role.reads.length);
      for (const read of role.reads) out.read(read);
      return;
    }
    if (role.kind !== "leader") return out.ids(role.votesGranted);
    out.index(role.durableIndex);
    out.plain(role.progress.length);
    for (const { id, matchIndex } of role.progress) {
      out.id(id);
      out.index(matchIndex);
    }
    out.id(role.transferTo);
    out.flag(role.yielded);
    const { round, waiting, lease } = role.reads;
    out.flag(lease);
    this.#names(waiting);
    out.flag(round !== null);
    if (round === null) return;
    this.#names(round.context);
    out.index(round.index);
    this.#names(round.reads);
    out.ids(round.acknowledgedBy);
    out.flag(round.isFresh);
  }

  #names(names: readonly ReadName[]): void {
    this.#out.plain(names.length);
    for (const { origin, read } of names) {
      this.#out.id(origin);
      this.#out.read(read);
    }
  }

  #input(input: LocalInput): void {
    const out = this.#out;
    out.plain(INPUTS.indexOf(input.kind));
    switch (input.kind) {
      case "message":
        return this.#message(input.message);
      case "propose":
        return out.command(input.command);
      case "propose-configuration":
        out.ids(input.voters);
        return out.ids(input.learners);
      case "read":
        return out.read(input.read);
      case "transfer-leadership":
        return out.id(input.to);
      case "snapshot-taken":
        return out.index(input.lastIndex);
    }
  }

  #messages(messages: readonly Message[]): void {
    this.#out.plain(messages.length);
    for (const message of messages) this.#message(message);
  }

  #message(message: Message): void {
    const out = this.#out;
    out.plain(MESSAGES.indexOf(message.kind));
    out.id(message.from);
    out.id(message.to);
    out.term(message.term);
    switch (message.kind) {
      case "pre-vote-request":
      case "request-vote-request":
        out.index(message.lastLogIndex);
        out.term(message.lastLogTerm);
        if (message.kind === "request-vote-request") out.flag(message.leadershipTransfer);
        return;
      case "pre-vote-response":
      case "request-vote-response":
        return out.flag(message.voteGranted);
      case "append-entries-request":
        out.term(message.prevLogTerm);
        out.index(message.leaderCommit);
        return out.entries(message.prevLogIndex, message.entries);
      case "append-entries-accepted":
        return out.index(message.matchIndex);
      case "append-entries-rejected":
        return out.index(message.prevLogIndex);
      case "heartbeat-request":
        out.index(message.leaderCommit);
        return this.#names(message.context);
      case "heartbeat-response":
        return this.#names(message.context);
      case "install-snapshot-request":
        return this.#snapshot(message.snapshot);
      case "read-index-request":
        return out.read(message.read);
      case "read-index-response":
        out.read(message.read);
        return out.index(message.index);
      case "timeout-now-request":
        return;
    }
  }
}

/** No log or message of the move holds an entry up to here. */
function firstOf({ input, before, after, sent }: HostMove, window: LogIndex): LogIndex {
  let first = Number.POSITIVE_INFINITY;
  const see = (index: LogIndex): void => {
    if (index < first) first = index;
  };
  const seeMessage = (message: Message): void => {
    if (message.kind === "append-entries-request") see(message.prevLogIndex);
  };
  for (const host of [before, after]) {
    const disk = "state" in host ? host.disk : host;
    see(Math.max(window, baseIndex(disk.log)));
    if (!("state" in host)) continue;
    see(Math.max(window, baseIndex(host.state.log)));
    for (const it of host.stream) {
      if (it.kind === "send") seeMessage(it.message);
      else see(it.lastIndex - it.entries.length);
    }
  }
  if (input.kind === "message") seeMessage(input.message);
  for (const message of sent) seeMessage(message);
  return first;
}
