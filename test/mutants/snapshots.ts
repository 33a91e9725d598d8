/** Bugs put back into snapshots and flow control. */
import type { Impossible, Mutant } from "./catalogue.ts";

const twoTerms = ["snapshots: two terms"];
const threeEntries = ["snapshots: one term, three entries"];
const members = ["snapshots: members"];
const limits = ["limits: two servers, a window of two"];

const compaction: readonly Mutant[] = [
  {
    id: "B48-compacted",
    about: "entries from before the log begins are rejected, by a term that is not known any more",
    file: "kernel/log.ts",
    find: `return prevLogIndex < baseIndex(log) || hasEntry(log, prevLogIndex, prevLogTerm);`,
    replace: `return hasEntry(log, prevLogIndex, prevLogTerm);`,
    focuses: twoTerms,
    breaks: ["Kernel Invariants", "Every AppendEntries Is Answered"],
    unspecified: "what a kernel does that breaks its own assertions",
    source: "etcd 76f1249",
  },
  {
    id: "B67-oldest",
    about: "a snapshot carries the configuration of the one before it",
    file: "kernel/snapshot.ts",
    find: `  const { configuration } = configurationAt(configurations, index);`,
    replace: `  const { configuration } = configurations[0] ?? configurationAt(configurations, index);`,
    focuses: members,
    breaks: ["Snapshots Stand For What Was Committed", "A Write Tells All That Changed"],
    source: "pikiwidb-raft#385; async-raft",
  },
  {
    id: "B81",
    about: "the log is dropped, and that is not part of any write",
    file: "kernel/snapshot.ts",
    find: `  t.newBase = snapshot;
  update(t, {
    log: compactTo(log, index),`,
    replace: `  update(t, {
    log: compactTo(log, index),`,
    focuses: twoTerms,
    breaks: ["Changes Are Persisted First", "A Write Tells All That Changed"],
    source: "dragonboat#409, there by an error of the disk that is swallowed",
  },
  {
    id: "Q40",
    about: "compaction takes one entry too many",
    file: "kernel/log.ts",
    find: `entries: dropBefore(log.entries, index) };`,
    replace: `entries: dropBefore(log.entries, Math.min(index + 1, lastIndex(log))) };`,
    focuses: twoTerms,
    breaks: ["Compaction Keeps What Follows", "Kernel Invariants"],
    unspecified: "what a kernel does that breaks its own assertions",
  },
  {
    id: "Q41",
    about: "a server that restarts knows nothing committed, not even what its snapshot stands for",
    file: "kernel/recover.ts",
    find: `    commitIndex: snapshot.lastIndex,`,
    replace: `    commitIndex: 0,`,
    focuses: ["snapshots: writes take time"],
    breaks: ["Kernel Invariants"],
    unspecified: "what a kernel does that breaks its own assertions",
  },
];

const installs: readonly Mutant[] = [
  {
    id: "B22",
    about:
      "the configuration of an installed snapshot is not in force: campaigns go by the old one",
    file: "kernel/snapshot.ts",
    find: `      configurations: configurationsOfSnapshot(snapshot),
      commitIndex: index,`,
    replace: `      configurations: [...configurationsOfSnapshot(snapshot), ...t.state.configurations].slice(1),
      commitIndex: index,`,
    focuses: members,
    breaks: [
      "A Write Tells All That Changed",
      "A Snapshot Replaces Or Is Known",
      "Snapshots Stand For What Was Committed",
      "Kernel Invariants",
    ],
    source: "etcd#12163; nebula#1769, there while the snapshot waits to be applied",
  },
  {
    id: "B23-snapshot",
    about: "the term of an installed snapshot is taken over, without a maximum",
    file: "kernel/snapshot.ts",
    find: `      commitIndex: index,
    });`,
    replace: `      commitIndex: index,
      currentTerm: lastTerm,
    });`,
    focuses: members,
    breaks: ["Monotonic Term"],
    source: "NATS#5671, #5684",
  },
  {
    id: "B56",
    about: "a snapshot of a known prefix is installed, and the entries applied, in one batch",
    file: "kernel/snapshot.ts",
    find: `    commitUpTo(t, index);
  }`,
    replace: `    commitUpTo(t, index);
    t.effects.push({ kind: "install-snapshot", snapshot });
  }`,
    focuses: twoTerms,
    breaks: ["A Snapshot Is Installed Or Entries Are Applied", "A Snapshot Replaces Or Is Known"],
    unspecified: "what the state machine is given",
    source: "etcd 8349efa",
  },
  {
    id: "B76",
    about: "a log that conflicts with an installed snapshot keeps what follows it",
    file: "kernel/snapshot.ts",
    find: `      log: logAfter(index, lastTerm),`,
    replace: `      log: index > log.entries.length
        ? logAfter(index, lastTerm) : { ...compactTo(log, index), baseTerm: lastTerm },`,
    focuses: ["snapshots: a longer log that conflicts"],
    breaks: ["A Snapshot Replaces Or Is Known", "A Write Tells All That Changed"],
    source: "openraft 674e78aa",
  },
  {
    id: "B80",
    about: "a snapshot that comes again is installed again, whatever followed it",
    file: "kernel/snapshot.ts",
    find: `  if (index > commitIndex && !isKnown) {`,
    replace: `  if (index >= baseIndex(log)) {`,
    focuses: twoTerms,
    breaks: ["A Snapshot Replaces Or Is Known", "Monotonic Commit"],
    source: "openraft 2eccb9e1, there by its last chunk alone",
  },
  {
    id: "Q42",
    about: "an installed snapshot is acknowledged before it is durable",
    file: "kernel/snapshot.ts",
    find: `  send(t, { kind: "append-entries-accepted", ...envelope(t, from), matchIndex });`,
    replace: `  t.effects.push({ kind: "send", early: true, message:
    { kind: "append-entries-accepted", ...envelope(t, from), matchIndex } });`,
    focuses: twoTerms,
    breaks: ["Promises Wait For The Disk"],
  },
  {
    id: "Q43",
    about: "an installed snapshot is not taken to be committed",
    file: "kernel/snapshot.ts",
    find: `      commitIndex: index,
    });`,
    replace: `    });`,
    focuses: twoTerms,
    breaks: ["Kernel Invariants"],
    unspecified: "what a kernel does that breaks its own assertions",
  },
  {
    id: "Q44",
    about: "a snapshot that is older than the commit index is not answered",
    file: "kernel/snapshot.ts",
    find: `  if (!hearLeader(t, from)) return;
  if (index > commitIndex && !isKnown) {`,
    replace: `  if (!hearLeader(t, from) || index <= commitIndex) return;
  if (index > commitIndex && !isKnown) {`,
    focuses: twoTerms,
    breaks: ["A Snapshot Is Acknowledged"],
  },
];

const transfers: readonly Mutant[] = [
  {
    id: "B47",
    about: "entries are sent where the one before them is the first that is gone",
    file: "kernel/replication.ts",
    find: `if (peer.nextIndex <= baseIndex(log)) return sendSnapshot(t, peer);`,
    replace: `if (peer.nextIndex < baseIndex(log)) return sendSnapshot(t, peer);`,
    focuses: twoTerms,
    breaks: ["Kernel Invariants"],
    unspecified: "what a kernel does that breaks its own assertions",
    source: "WRaft#118",
  },
  {
    id: "B78",
    about: "a transfer ends when exactly its snapshot is acknowledged, not when more is",
    file: "kernel/replication.ts",
    find: `peer.mode === "snapshot" && matchIndex + 1 < peer.nextIndex;`,
    replace: `peer.mode === "snapshot" && matchIndex + 1 !== peer.nextIndex;`,
    focuses: threeEntries,
    breaks: ["A Transfer Brings What Is Missing", "Kernel Invariants"],
    unspecified: "what is sent to a peer next",
    source: "etcd-raft#110, #124",
  },
  {
    id: "B79",
    about: "a leader whose log holds no entry sends no snapshot",
    file: "kernel/replication.ts",
    find: `if (peer.nextIndex <= baseIndex(log)) return sendSnapshot(t, peer);`,
    replace: `if (peer.nextIndex <= baseIndex(log)) {
    if (lastIndex(log) === baseIndex(log)) return;
    return sendSnapshot(t, peer);
  }`,
    focuses: twoTerms,
    breaks: ["A Peer That Lags Is Served", "Progress"],
    unspecified: "whether anything is sent",
    source: "openraft afd6508b",
  },
  {
    id: "Q45",
    about: "entries go to a peer whose snapshot is under way",
    file: "kernel/progress.ts",
    find: `  if (mode === "snapshot") return true;
`,
    replace: "",
    focuses: threeEntries,
    breaks: ["Progress Is Sound"],
    unspecified: "when entries are sent",
  },
  {
    id: "Q46",
    about: "a failed transfer is taken for one that still goes on",
    file: "kernel/snapshot.ts",
    find: `  setProgress(t, { ...peer, mode: "probe", nextIndex: peer.matchIndex + 1 });`,
    replace: `  setProgress(t, { ...peer });`,
    focuses: twoTerms,
    breaks: ["transfer failed", "Progress"],
    unspecified: "what is sent to a peer next",
  },
  {
    id: "Q47",
    about: "what is sent in place of entries is a snapshot that nobody has taken",
    file: "kernel/snapshot.ts",
    find: `snapshotAt(t.state, baseIndex(t.state.log));`,
    replace: `snapshotAt(t.state, t.state.commitIndex);`,
    focuses: threeEntries,
    breaks: ["A Leader Sends Its Own Snapshot"],
  },
  {
    id: "Q48",
    about: "an acknowledgement of the snapshot itself does not end its transfer",
    file: "kernel/replication.ts",
    find: `peer.mode === "snapshot" && matchIndex + 1 < peer.nextIndex;`,
    replace: `peer.mode === "snapshot" && matchIndex < peer.nextIndex;`,
    focuses: twoTerms,
    breaks: ["A Transfer Brings What Is Missing", "Kernel Invariants"],
    unspecified: "what is sent to a peer next",
  },
];

const flow: readonly Mutant[] = [
  {
    id: "B55",
    about: "what is committed is not taken off the count of what is uncommitted",
    file: "kernel/commit.ts",
    find: `{ uncommittedChars: leader.uncommittedChars - charsOfAll(entries) }`,
    replace: `{ uncommittedChars: leader.uncommittedChars - charsOfAll([]) }`,
    focuses: limits,
    breaks: ["Uncommitted Commands Are Counted", "Proposals Are Taken Within Limits"],
    unspecified: "how much is taken",
    source: "etcd e419ba5",
  },
  {
    id: "B55-window",
    about: "an acknowledgement does not free the place of the message it answers",
    file: "kernel/replication.ts",
    find: `peer.inFlight.filter((it) => it.lastIndex > matchIndex)`,
    replace: `peer.inFlight.filter((it) => it.lastIndex >= matchIndex)`,
    focuses: limits,
    breaks: ["Progress Is Sound"],
    unspecified: "windows",
    source: "etcd a370b6f",
  },
  {
    id: "B55-new-leader",
    about: "a new leader does not count what earlier leaders left uncommitted",
    file: "kernel/election.ts",
    find: `      uncommittedChars: uncommittedCharsOf(t.state),`,
    replace: `      uncommittedChars: uncommittedCharsOf(t.state) * 0,`,
    focuses: limits,
    breaks: ["Uncommitted Commands Are Counted"],
    unspecified: "how much is taken",
    source: "etcd e419ba5",
  },
  {
    id: "B58",
    about: "a repetition of what a follower has is dropped, without an answer",
    file: "kernel/append-entries.ts",
    find: `  if (!matches) return rejectAppendEntries(t, message);`,
    replace: `  if (!matches) return rejectAppendEntries(t, message);
  if (news.length < message.entries.length) return ignore(t, "stale-acknowledgement");`,
    focuses: ["one term, a duplicate"],
    breaks: ["Every AppendEntries Is Answered"],
    source: "nebula#2419",
  },
  {
    id: "B59",
    about: "every acknowledgement counts for one entry more, whichever it answers",
    file: "kernel/replication.ts",
    find: `  if (matchIndex <= peer.matchIndex) return ignore(t, "stale-acknowledgement");
  setProgress(t, acknowledged(peer, matchIndex));`,
    replace: `  const counted = Math.min(peer.matchIndex + 1, lastIndex(t.state.log));
  if (counted === peer.matchIndex) return ignore(t, "stale-acknowledgement");
  setProgress(t, acknowledged(peer, counted));`,
    focuses: ["one term, a duplicate"],
    breaks: ["Durability", "State Machine Safety", "Leader Completeness"],
    source: "liferaft, the counter of 'append ack'",
  },
  {
    id: "Q49",
    about: "what a command itself adds is not looked at: the limit may be passed",
    file: "kernel/proposal.ts",
    find: `const chars = leader.uncommittedChars + command.length;`,
    replace: `const chars = leader.uncommittedChars;`,
    focuses: limits,
    breaks: ["Proposals Are Taken Within Limits"],
    unspecified: "how much is taken",
  },
  {
    id: "Q50",
    about: "a message has one entry more than is allowed",
    file: "kernel/replication.ts",
    find: `from + maxEntriesPerMessage - 1);`,
    replace: `from + maxEntriesPerMessage);`,
    focuses: limits,
    breaks: ["Messages Keep Their Limits"],
    unspecified: "how many entries a message has",
  },
  {
    id: "Q51",
    about: "one message more is in flight than the window has places",
    file: "kernel/progress.ts",
    find: `if (inFlight.length >= (mode === "probe" ? 1 : maxInFlight)) return true;`,
    replace: `if (inFlight.length > (mode === "probe" ? 1 : maxInFlight)) return true;`,
    focuses: limits,
    breaks: ["Progress Is Sound"],
    unspecified: "windows",
  },
  {
    id: "Q52",
    about: "a broken connection moves a pipeline back behind what is acknowledged",
    file: "kernel/progress.ts",
    find: `const nextIndex = peer.mode === "probe" ? peer.nextIndex : peer.matchIndex + 1;`,
    replace: `const nextIndex = peer.mode === "probe" ? peer.nextIndex : peer.matchIndex;`,
    focuses: limits,
    breaks: ["Kernel Invariants", "Progress Is Sound"],
    unspecified: "nextIndex",
  },
];

export const snapshotMutants: readonly Mutant[] = [
  ...compaction,
  ...installs,
  ...transfers,
  ...flow,
];

/** Bugs of snapshots and storage that this kernel cannot carry. */
export const impossibleSnapshots: readonly Impossible[] = [
  {
    id: "B97",
    cannot:
      "the disk is the host's: one whose writes hang must stop; meanwhile the kernel counts no " +
      "entry of its own, and the others commit without it",
  },
];
