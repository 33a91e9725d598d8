/** What servers did together: each rule is shown to be broken by the least that breaks it. */
import { describe, expect, it } from "vitest";
import {
  appendEntries,
  type Entry,
  emptyLog,
  initialDurable,
  kernelConfig,
  type Message,
  recover,
} from "../../../kernel/index.ts";
import { ClusterFacts } from "../../../model-checker/audit/cluster-facts.ts";
import { diskOf, mayHaveLeft } from "../../../model-checker/audit/host.ts";
import { KeySet, keyOf } from "../../../model-checker/audit/key-set.ts";
import { LogFacts } from "../../../model-checker/audit/log-facts.ts";
import { AuditFailure, type Place } from "../../../model-checker/audit/report.ts";

const place: Place = { server: "n1", run: 1, file: "f", line: 2, step: 1 };

/** The rule that `act` breaks; null where it breaks none. */
function brokenBy(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof AuditFailure) return error.fault.rule;
    throw error;
  }
}

const command = (index: number, term: number, text: string): Entry => {
  return { index, term, payload: { kind: "command", command: text } };
};

describe("logs", () => {
  it("hold one entry at an index and a term, after one term", () => {
    const hold = (entry: Entry, previousTerm: number) => {
      const facts = new LogFacts();
      facts.hold([command(1, 1, "a"), command(2, 2, "b")], 0, place);
      facts.hold([command(2, 3, "c")], 1, place);
      return brokenBy(() => facts.hold([entry], previousTerm, place));
    };
    expect(hold(command(2, 2, "b"), 1)).toBeNull();
    expect(hold(command(2, 3, "c"), 1)).toBeNull();
    expect(hold(command(2, 4, "d"), 1)).toBeNull();
    expect(hold(command(2, 2, "x"), 1)).toBe("Log Matching");
    expect(hold(command(2, 3, "x"), 1)).toBe("Log Matching");
    expect(hold(command(2, 2, "b"), 2)).toBe("Log Matching");
  });

  it("may begin anywhere", () => {
    const far = 2 ** 50;
    const facts = new LogFacts();
    facts.hold([command(far, 3, "a")], 1, place);
    facts.commit(far, 3, 3, place);
    expect(brokenBy(() => facts.hold([command(far, 3, "b")], 1, place))).toBe("Log Matching");
    facts.elected(4, appendEntries(emptyLog, [command(1, 1, "a")]), place);
    expect(brokenBy(() => facts.finish())).toBe("Leader Completeness");
  });

  it("have one committed entry at an index", () => {
    const facts = new LogFacts();
    facts.commit(5000, 2, 2, place);
    expect(brokenBy(() => facts.commit(5000, 2, 7, place))).toBeNull();
    expect(brokenBy(() => facts.commit(5000, 3, 3, place))).toBe("State Machine Safety");
  });

  it("of a leader have what was committed in an earlier term", () => {
    const elected = (term: number, entries: readonly Entry[]) => {
      const facts = new LogFacts();
      facts.elected(term, appendEntries(emptyLog, entries), place);
      facts.commit(1, 1, 3, place);
      facts.commit(2, 1, 3, place);
      facts.commit(1, 1, 2, place);
      return brokenBy(() => facts.finish());
    };
    const [a, b] = [command(1, 1, "a"), command(2, 1, "b")];
    expect(elected(4, [a, b])).toBeNull();
    expect(elected(4, [a])).toBe("Leader Completeness");
    expect(elected(4, [a, command(2, 2, "b")])).toBe("Leader Completeness");
    expect(elected(3, [a])).toBeNull();
    expect(elected(3, [])).toBe("Leader Completeness");
    expect(elected(2, [])).toBeNull();
  });

  it("begin with a snapshot of what was committed", () => {
    const snapshotOf = (lastTerm: number) => {
      const facts = new LogFacts();
      const { configuration } = initialDurable({
        voters: [],
        outgoingVoters: [],
        learners: [],
      }).snapshot;
      facts.snapshot({ lastIndex: 1, lastTerm, configuration }, place);
      facts.commit(1, 1, 1, place);
      return brokenBy(() => facts.finish());
    };
    expect(snapshotOf(1)).toBeNull();
    expect(snapshotOf(2)).toBe("Snapshots Are Committed");
  });

  it("begin with one configuration where they begin alike", () => {
    const facts = new LogFacts();
    const snapshot = (lastIndex: number, ...voters: readonly string[]) => {
      const configuration = { voters, outgoingVoters: [], learners: [] };
      return brokenBy(() => facts.snapshot({ lastIndex, lastTerm: 1, configuration }, place));
    };
    expect(snapshot(0, "n1", "n2")).toBeNull();
    expect(snapshot(0)).toBeNull();
    expect(snapshot(4, "n1")).toBeNull();
    expect(snapshot(0, "n2", "n1")).toBeNull();
    expect(snapshot(4, "n2")).toBe("Snapshots Are Committed");
    expect(snapshot(0, "n1")).toBe("Snapshots Are Committed");
  });
});

const config = kernelConfig("n1");
const durable = initialDurable({ voters: ["n1", "n2"], outgoingVoters: [], learners: [] });
const host = { state: recover(config, durable).state, disk: diskOf(durable), stream: [] };

describe("servers", () => {
  const step = { place, config, before: host, after: host, effects: [] };
  const sends = (message: Message) => {
    return { ...step, event: { kind: "election-timeout" }, sent: [message] } as const;
  };
  const vote = (to: string, term: number): Message => {
    return { kind: "request-vote-response", from: "n1", to, term, voteGranted: true };
  };

  it("vote once a term, over their restarts", () => {
    const facts = new ClusterFacts(["n1"]);
    facts.stepped(sends(vote("n2", 1)));
    facts.started(place, config, host, false);
    expect(brokenBy(() => facts.stepped(sends(vote("n2", 1))))).toBeNull();
    expect(brokenBy(() => facts.stepped(sends(vote("n3", 2))))).toBeNull();
    expect(brokenBy(() => facts.stepped(sends(vote("n3", 1))))).toBe("One Vote Per Term");
  });

  it("receive what was sent, once or more, be it read before or after", () => {
    const receives = (message: Message) => {
      return { ...step, event: { kind: "message", message }, sent: [] } as const;
    };
    const heard = (other: Message | null) => {
      const facts = new ClusterFacts(["n1", "n2"]);
      facts.stepped(receives(vote("n2", 1)));
      facts.stepped(receives(vote("n2", 1)));
      if (other !== null) facts.stepped(sends(other));
      return brokenBy(() => facts.finish());
    };
    expect(heard(vote("n2", 1))).toBeNull();
    expect(heard(vote("n2", 2))).toBe("Messages Were Sent");
    expect(heard(null)).toBe("Messages Were Sent");
    const partly = new ClusterFacts(["n2"]);
    partly.stepped(receives(vote("n2", 1)));
    expect(brokenBy(() => partly.finish())).toBeNull();
    expect([...partly.strangers]).toEqual(["n1"]);
  });

  it("start from what they knew to be stored, and of the rest a part in order", () => {
    const write = (currentTerm: number, entries: readonly Entry[]) => {
      const end = { lastIndex: entries.length, lastTerm: entries.at(-1)?.term ?? 0 };
      const rest = { votedFor: null, snapshot: null };
      return { kind: "persist", currentTerm, entries, ...rest, ...end } as const;
    };
    const asked = { ...host, stream: [write(1, []), write(2, [command(1, 2, "a")])] };
    const left = (currentTerm: number, entries: readonly Entry[]) =>
      mayHaveLeft(asked, { ...durable, currentTerm, entries });
    expect(left(0, [])).toBe(true);
    expect(left(1, [])).toBe(true);
    expect(left(2, [command(1, 2, "a")])).toBe(true);
    expect(left(2, [])).toBe(false);
    expect(left(1, [command(1, 2, "a")])).toBe(false);
    expect(left(2, [command(1, 2, "b")])).toBe(false);
    expect(mayHaveLeft(host, { ...durable, votedFor: "n2" })).toBe(false);
  });
});

describe("a set of keys", () => {
  it("has what was added, however much that is", () => {
    const keys = new KeySet();
    for (let i = 0; i < 5000; i++) keys.add(keyOf(`key ${i}`));
    keys.add(keyOf("key 1"));
    expect(keys.size).toBe(5000);
    for (let i = 0; i < 10_000; i++) expect(keys.has(keyOf(`key ${i}`))).toBe(i < 5000);
  });
});
