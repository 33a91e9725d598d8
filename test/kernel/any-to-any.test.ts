/** Changes from any set of members to any other (§4.3), and logs with many of them (§4.1). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Configuration,
  configurationOf,
  type Entry,
  type Event,
  initialDurable,
  isQuorum,
  kernelConfig,
  lastIndex,
  latestConfiguration,
  peersOf,
  recover,
  type ServerId,
  type State,
  step,
} from "../../kernel/index.ts";
import { entriesOf } from "../../spec/index.ts";
import {
  acknowledgedBy,
  cluster,
  command,
  configurationEntry,
  happens,
  joint,
  leaderOf,
  leaderRoleOf,
  message,
  names,
  receive,
  server,
} from "./build.ts";

const SERVERS = names(5);

const membersOf = (least: readonly ServerId[]): fc.Arbitrary<Configuration> =>
  fc
    .record({
      voters: fc.subarray([...SERVERS]),
      learners: fc.subarray([...SERVERS]),
    })
    .map(({ voters, learners }) => {
      const all = [...new Set([...least, ...voters])].sort();
      return {
        voters: all,
        outgoingVoters: [],
        learners: learners.filter((id) => !all.includes(id)),
      };
    });

const target = membersOf([]).filter(({ voters }) => voters.length > 0);
/** n1 leads it. */
const ledByN1 = membersOf(["n1"]);

function subsetsOf(servers: readonly ServerId[]): readonly (readonly ServerId[])[] {
  const [first, ...rest] = servers;
  if (first === undefined) return [[]];
  return subsetsOf(rest).flatMap((subset) => [subset, [first, ...subset]]);
}

function quorumsOf(configuration: Configuration): readonly (readonly ServerId[])[] {
  return subsetsOf(SERVERS).filter((members) => isQuorum(configuration, members));
}

function change({ voters, learners }: Configuration): Event {
  return { kind: "propose-configuration", voters, learners };
}

/** A leader that has committed in its term, to which everybody answers. */
function readyLeader(of: Configuration): State {
  const leader = leaderOf(of);
  return acknowledgedBy(leader, peersOf(of, "n1"));
}

/** Every peer acknowledges what the leader has, until that changes nothing. */
function settled(leader: State): State {
  let state = leader;
  for (;;) {
    if (state.role.kind !== "leader") return state;
    const next = acknowledgedBy(
      state,
      state.role.progress.map(({ id }) => id),
    );
    if (lastIndex(next.log) === lastIndex(state.log)) return next;
    state = next;
  }
}

describe("whatever the members are and shall be", () => {
  it("two decisions of neighbouring configurations share a server", () => {
    fc.assert(
      fc.property(target, target, (from, to) => {
        const both = joint(from.voters, to.voters);
        for (const [a, b] of [
          [from, both],
          [both, both],
          [both, to],
        ] as const) {
          for (const mine of quorumsOf(a)) {
            for (const theirs of quorumsOf(b)) {
              expect(mine.some((id) => theirs.includes(id))).toBe(true);
            }
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("the change begins, passes through both sets, and ends", () => {
    fc.assert(
      fc.property(ledByN1, target, (from, to) => {
        fc.pre(JSON.stringify(from) !== JSON.stringify(to));
        const leader = readyLeader(from);
        const begun = happens(leader, change(to)).state;
        const sameVoters = from.voters.join() === to.voters.join();
        expect(configurationOf(begun)).toEqual({
          ...to,
          outgoingVoters: sameVoters ? [] : from.voters,
        });
        const ended = settled(begun);
        expect(configurationOf(ended)).toEqual(to);
        expect(ended.commitIndex).toBe(lastIndex(ended.log));
        expect(ended.role.kind).toBe(to.voters.includes("n1") ? "leader" : "follower");
      }),
    );
  });

  it("the leader tracks the members in force, and none else, and forgets nothing of them", () => {
    fc.assert(
      fc.property(ledByN1, target, (from, to) => {
        fc.pre(JSON.stringify(from) !== JSON.stringify(to));
        const leader = readyLeader(from);
        const known = new Map(leaderRoleOf(leader).progress.map((it) => [it.id, it.matchIndex]));
        const begun = happens(leader, change(to)).state;
        const tracked = leaderRoleOf(begun).progress;
        expect(tracked.map(({ id }) => id)).toEqual(
          [...peersOf(configurationOf(begun), "n1")].sort(),
        );
        for (const { id, matchIndex } of tracked) expect(matchIndex).toBe(known.get(id) ?? 0);
      }),
    );
  });

  it("it waits for a majority of either set, be the others never so many", () => {
    fc.assert(
      fc.property(ledByN1, target, fc.subarray([...SERVERS]), (from, to, answering) => {
        fc.pre(from.voters.join() !== to.voters.join());
        const begun = happens(readyLeader(from), change(to)).state;
        const index = latestConfiguration(begun).index;
        const peers = leaderRoleOf(begun).progress.map(({ id }) => id);
        const reached = acknowledgedBy(
          begun,
          peers.filter((id) => answering.includes(id)),
        );
        const both = joint(from.voters, to.voters);
        const isEnough = isQuorum(both, [...answering, "n1"]);
        expect(reached.commitIndex >= index).toBe(isEnough);
      }),
    );
  });
});

/** A log of commands and configurations, each with its place. */
const logs: fc.Arbitrary<readonly Entry[]> = fc
  .array(fc.option(target, { nil: null }), { maxLength: 8 })
  .map((list) =>
    list.map((configuration, at) =>
      configuration === null ? command(at + 1, 1) : configurationEntry(at + 1, 1, configuration),
    ),
  );

/** The configuration in force by the definition: the last one in the log (§4.1). */
function lastOf(founding: Configuration, log: readonly Entry[]): Configuration {
  for (const { payload } of [...log].reverse()) {
    if (payload.kind === "configuration") return payload.configuration;
  }
  return founding;
}

describe("a server that lags behind several configurations", () => {
  const founding = cluster(3);

  it("uses the last of them, however they arrive", () => {
    fc.assert(
      fc.property(logs, fc.nat(8), (log, cut) => {
        const have = log.slice(0, cut);
        const append = message("append-entries-request", {
          prevLogIndex: have.length,
          prevLogTerm: have.length === 0 ? 0 : 1,
          entries: log.slice(cut),
        });
        const { state } = receive(server({ founding, log: have, currentTerm: 1 }), append);
        expect(configurationOf(state)).toEqual(lastOf(founding, log));
      }),
    );
  });

  it("falls back to the last one that is left when a leader of a later term overwrites some", () => {
    fc.assert(
      fc.property(logs, fc.nat(8), (log, cut) => {
        const kept = log.slice(0, cut);
        const append = message("append-entries-request", {
          term: 2,
          prevLogIndex: kept.length,
          prevLogTerm: kept.length === 0 ? 0 : 1,
          entries: [command(kept.length + 1, 2)],
        });
        const { state } = receive(server({ founding, log, currentTerm: 1 }), append);
        expect(configurationOf(state)).toEqual(lastOf(founding, kept));
        expect(lastIndex(state.log)).toBe(kept.length + 1);
      }),
    );
  });

  it("knows them all again after a restart, and after a snapshot of any of them", () => {
    const config = kernelConfig("n1");
    fc.assert(
      fc.property(logs, fc.nat(8), (log, at) => {
        const index = Math.min(at, log.length);
        const founded = initialDurable(founding);
        const running = recover(config, { ...founded, currentTerm: 1, entries: log }).state;
        const committed: State = { ...running, commitIndex: log.length };
        const { state, effects } = step(config, committed, {
          kind: "snapshot-taken",
          lastIndex: index,
        });
        const persist = effects.find((effect) => effect.kind === "persist");
        const snapshot = persist?.snapshot ?? founded.snapshot;
        expect(snapshot.configuration).toEqual(lastOf(founding, log.slice(0, snapshot.lastIndex)));
        const restarted = recover(config, {
          ...founded,
          currentTerm: 1,
          snapshot,
          entries: entriesOf(state.log),
        }).state;
        expect(restarted.configurations).toEqual(state.configurations);
        expect(configurationOf(restarted)).toEqual(lastOf(founding, log));
      }),
    );
  });
});
