/**
 * What a server is to `tla/Raft.tla`: the refinement mapping from the kernel's state, the disk and
 * the effects that wait for it to the variables of the specification. What the specification
 * leaves out is left out here: where to send next, windows, back-tracking hints, who was heard by
 * a quorum check, and whom a server takes for the leader of its term.
 *
 * Plain data: a `Map` is a function, an array a sequence, a `Set` a set, an object a record, and
 * null is `Nil`. Messages and entries in it are the kernel's, abstracted in the same way.
 */
import type {
  Configuration,
  Durable,
  Entry,
  LeaderRole,
  Message,
  PersistEffect,
  ReadName,
  ReadRound,
  Role,
  SendEffect,
  ServerId,
  Snapshot,
  State,
} from "../kernel/index.ts";
import { entriesOf, spanOf } from "./logs.ts";

/** A server as its host sees it. `stream` is empty or starts with the write in progress. */
export interface HostView {
  readonly id: ServerId;
  /** null while the server is down. */
  readonly state: State | null;
  readonly durable: Durable;
  readonly stream: readonly (PersistEffect | SendEffect)[];
}

/** Anything that `tla/Raft.tla` can hold. */
export type Abstract =
  | number
  | string
  | boolean
  | null
  | readonly Abstract[]
  | ReadonlySet<Abstract>
  | ReadonlyMap<string, Abstract>
  | { readonly [field: string]: Abstract };

/** The value of each variable of `tla/Raft.tla` that is a function on Server, at one server. */
export interface AbstractServer {
  readonly currentTerm: Abstract;
  readonly role: Abstract;
  readonly votedFor: Abstract;
  readonly log: Abstract;
  readonly commitIndex: Abstract;
  readonly votesGranted: Abstract;
  readonly matchIndex: Abstract;
  readonly transferTo: Abstract;
  readonly yielded: Abstract;
  readonly leaderContact: Abstract;
  readonly reading: Abstract;
  readonly durable: Abstract;
  readonly pending: Abstract;
}

/** The variables of one server; `servers` is the constant Server. */
export function abstractServer(
  { id, state, durable, stream }: HostView,
  servers: readonly ServerId[],
): AbstractServer {
  const disk = {
    currentTerm: durable.currentTerm,
    votedFor: durable.votedFor,
    log: abstractLog(durable.snapshot, durable.entries),
  };
  const nobody = new Map(servers.map((id) => [id, 0]));
  if (state === null) {
    return {
      ...disk,
      role: "down",
      commitIndex: durable.snapshot.lastIndex,
      votesGranted: new Set(),
      matchIndex: nobody,
      transferTo: null,
      yielded: false,
      leaderContact: false,
      reading: nothingRead,
      durable: disk,
      pending: [],
    };
  }
  const { role } = state;
  return {
    currentTerm: state.currentTerm,
    role: role.kind,
    votedFor: state.votedFor,
    log: abstractLog(spanOf(state).base, entriesOf(state.log)),
    commitIndex: state.commitIndex,
    votesGranted: new Set("votesGranted" in role ? role.votesGranted : []),
    matchIndex: role.kind === "leader" ? matchOf(id, role, servers) : nobody,
    transferTo: role.kind === "leader" ? role.transferTo : null,
    yielded: role.kind === "leader" && role.yielded,
    leaderContact: state.leaderContact,
    reading: readingOf(role),
    durable: disk,
    pending: pendingWrites(durable, stream),
  };
}

const nothingRead = { forwarded: new Set<string>(), waiting: [], round: null, lease: false };

/** The reads to be answered. The order in which a follower asked for its own is left out. */
function readingOf(role: Role): Abstract {
  if (role.kind === "follower") return { ...nothingRead, forwarded: new Set(role.reads) };
  if (role.kind !== "leader") return nothingRead;
  const { round, waiting, lease } = role.reads;
  return {
    ...nothingRead,
    waiting: abstractNames(waiting),
    round: round === null ? null : abstractRound(round),
    lease,
  };
}

function abstractRound({ context, index, reads, acknowledgedBy, isFresh }: ReadRound): Abstract {
  return {
    context: abstractNames(context),
    index,
    reads: abstractNames(reads),
    acknowledgedBy: new Set(acknowledgedBy),
    isFresh,
  };
}

/** Names of reads, in order. */
export function abstractNames(names: readonly ReadName[]): Abstract {
  return names.map(({ origin, read }) => ({ origin, read }));
}

/** What a leader knows of its peers, and of itself: what is durable. Of strangers, nothing. */
function matchOf(
  self: ServerId,
  { progress, durableIndex }: LeaderRole,
  servers: readonly ServerId[],
): Abstract {
  const known = new Map(progress.map(({ id, matchIndex }) => [id, matchIndex]));
  known.set(self, durableIndex);
  return new Map(servers.map((id) => [id, known.get(id) ?? 0]));
}

/** The writes in progress: what will be durable after each, and the messages that wait for it. */
function pendingWrites(durable: Durable, stream: HostView["stream"]): Abstract {
  const writes: Abstract[] = [];
  let { snapshot, entries: log } = durable;
  let messages = new Set<Abstract>();
  for (const effect of stream) {
    if (effect.kind === "send") {
      messages.add(abstractMessage(effect.message));
      continue;
    }
    const { entries, lastIndex } = effect;
    snapshot = effect.snapshot ?? snapshot;
    const { lastIndex: base } = snapshot;
    const isKept = ({ index }: Entry): boolean =>
      index > base && index <= lastIndex - entries.length;
    log = [...log.filter(isKept), ...entries];
    messages = new Set();
    const { currentTerm, votedFor } = effect;
    writes.push({ currentTerm, votedFor, log: abstractLog(snapshot, log), messages });
  }
  return writes;
}

/** A log: where it begins, and its entries from there on. */
function abstractLog(base: Snapshot, entries: readonly Entry[]): Abstract {
  return { base: abstractSnapshot(base), entries: entries.map(abstractEntry) };
}

function abstractSnapshot({ lastIndex, lastTerm, configuration }: Snapshot): Abstract {
  return { lastIndex, lastTerm, configuration: abstractConfiguration(configuration) };
}

/** An entry; its index is its place in the log. */
function abstractEntry({ term, payload }: Entry): Abstract {
  switch (payload.kind) {
    case "no-op":
      return { term, kind: payload.kind };
    case "command":
      return { term, kind: payload.kind, command: payload.command };
    case "configuration":
      return {
        term,
        kind: payload.kind,
        configuration: abstractConfiguration(payload.configuration),
      };
  }
}

function abstractConfiguration({ voters, outgoingVoters, learners }: Configuration): Abstract {
  return {
    voters: new Set(voters),
    outgoingVoters: new Set(outgoingVoters),
    learners: new Set(learners),
  };
}

/** A message. A rejection's hints where to go on are the only fields that are left out. */
export function abstractMessage(message: Message): Abstract {
  switch (message.kind) {
    case "append-entries-request":
      return { ...message, entries: message.entries.map(abstractEntry) };
    case "append-entries-rejected": {
      const { kind, from, to, term, prevLogIndex } = message;
      return { kind, from, to, term, prevLogIndex };
    }
    case "heartbeat-request":
    case "heartbeat-response":
      return { ...message, context: abstractNames(message.context) };
    case "install-snapshot-request":
      return { ...message, snapshot: abstractSnapshot(message.snapshot) };
    default:
      return { ...message };
  }
}
