/** Steps of long logs are compared with the specification on a window: it hides no fault. */
import { describe, expect, it } from "vitest";
import {
  type Entry,
  kernelConfig,
  type Message,
  recover,
  type State,
} from "../../../kernel/index.ts";
import { StepCheck } from "../../../model-checker/audit/conform.ts";
import { framed } from "../../../model-checker/audit/frame.ts";
import { diskOf, type Host } from "../../../model-checker/audit/host.ts";
import { moveOf } from "../../../model-checker/audit/pattern.ts";
import type { Transition } from "../../../model-checker/audit/replay.ts";
import { AuditFailure } from "../../../model-checker/audit/report.ts";
import { sizeOf, viewFrom, windowOf } from "../../../model-checker/audit/window.ts";
import { CONFORMANCE, type Conformance } from "../../../model-checker/conformance-contract.ts";
import { busyLife, transitionsOf } from "./journals.ts";

/** Every step of a cluster. */
const { seen, load, members, key } = await transitionsOf({ servers: 3, seed: 3 }, (cluster) =>
  busyLife(cluster, 90),
);

/** The verdict on a step: of all of it, or of what its check looks at. */
function verdictOf(conformance: Conformance, whole: Transition, isWhole: boolean): boolean {
  const transition = isWhole ? whole : framed(whole);
  const window = isWhole ? 0 : windowOf(transition);
  const { config, input, sent } = moveOf(transition);
  const { before, after } = transition;
  const from = viewFrom(config.id, before, window);
  const to = viewFrom(config.id, after, window);
  return conformance.check({ config, input, before: from, after: to, sent }) === null;
}

const withState = (host: Host, change: Partial<State>): Host => ({
  ...host,
  state: { ...host.state, ...change },
});

/** What bugs would make of a step: null where this one shows nothing. */
const BUGS: Readonly<Record<string, (it: Transition) => Transition | null>> = {
  "sends nothing": (it) =>
    it.sent.some(({ kind }) => kind.endsWith("response") || kind.endsWith("accepted"))
      ? { ...it, sent: [] }
      : null,
  "commits one entry more": ({ after, ...it }) => {
    const { commitIndex, log } = after.state;
    if (commitIndex >= log.entries.length) return null;
    return { ...it, after: withState(after, { commitIndex: commitIndex + 1 }) };
  },
  "forgets its vote": ({ after, ...it }) =>
    after.state.votedFor === null ? null : { ...it, after: withState(after, { votedFor: null }) },
  "acknowledges what it lacks": (it) => {
    const sent = it.sent.map(
      (message): Message =>
        message.kind === "append-entries-accepted"
          ? { ...message, matchIndex: message.matchIndex + 1 }
          : message,
    );
    return sent.some((message, i) => message !== it.sent[i]) ? { ...it, sent } : null;
  },
};

describe("a window of the log", () => {
  it("is small, and still a step of the specification", async () => {
    const conformance = await load();
    let narrower = 0;
    for (const it of seen) {
      const window = windowOf(framed(it));
      if (sizeOf(it.before, window) < sizeOf(it.before, 0)) narrower++;
      expect(verdictOf(conformance, it, false)).toBe(true);
    }
    expect(narrower).toBeGreaterThan(seen.length / 2);
  });

  it.each(Object.entries(BUGS))("gives the verdict of the whole log: %s", async (_name, bug) => {
    const conformance = await load();
    let wrong = 0;
    for (const it of seen.filter((_, i) => i % 7 === 0)) {
      const buggy = bug(it);
      if (buggy === null) continue;
      const verdict = verdictOf(conformance, buggy, true);
      expect(verdictOf(conformance, buggy, false)).toBe(verdict);
      if (!verdict) wrong++;
    }
    expect(wrong).toBeGreaterThan(0);
  });

  it("begins before what a late message has, be that before the log", async () => {
    const conformance = await load();
    const configuration = { voters: ["n1", "n2", "n3"], outgoingVoters: [], learners: [] };
    const entry = (index: number, term = 1) =>
      ({ index, term, payload: { kind: "no-op" } }) as const;
    const durable = {
      currentTerm: 2,
      votedFor: null,
      snapshot: { lastIndex: 3, lastTerm: 1, configuration },
      entries: [entry(4), entry(5), entry(6)],
    };
    const config = seen[0]?.config ?? kernelConfig("n1");
    const before = { state: recover(config, durable).state, disk: diskOf(durable), stream: [] };
    const to = { from: "n2", to: config.id, term: 2 } as const;
    const heard = withState(before, { commitIndex: 6, leaderContact: true, leaderId: "n2" });
    const answer = { kind: "append-entries-accepted", ...to, from: to.to, to: "n2" } as const;
    const late = (entries: readonly Entry[]): Transition => ({
      place: { server: config.id, run: 1, file: "f", line: 2, step: 1 },
      config,
      event: {
        kind: "message",
        message: {
          ...{ kind: "append-entries-request", ...to, prevLogIndex: 2, prevLogTerm: 1 },
          ...{ entries, leaderCommit: 0 },
        },
      },
      before: heard,
      after: heard,
      effects: [],
      sent: [{ ...answer, matchIndex: 5 }],
    });
    const [same, other] = [1, 2].map((term) => late([entry(3), entry(4), entry(5, term)]));
    for (const whole of [true, false]) {
      expect(verdictOf(conformance, same as Transition, whole)).toBe(true);
      expect(verdictOf(conformance, other as Transition, whole)).toBe(false);
    }
  });

  it("leaves nothing that waits, however much does", () => {
    const waiting = seen.filter(({ event, before }) => {
      return event.kind !== "persisted" && before.stream.length > 1;
    });
    expect(waiting.length).toBeGreaterThan(20);
    for (const it of waiting) expect(framed(it).before.stream.length).toBe(1);
  });

  it("ends the audit where a step is none of the specification", async () => {
    const check = new StepCheck(new Map([[key, await load()]]), members);
    const it = seen.find(({ sent }) => sent.some(({ kind }) => kind === "append-entries-accepted"));
    if (it === undefined) throw new Error("nobody acknowledges");
    check.stepped(it);
    const buggy = BUGS["acknowledges what it lacks"]?.(it) ?? it;
    const failure = (() => {
      try {
        return check.stepped(buggy);
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toBeInstanceOf(AuditFailure);
    const { fault } = failure as AuditFailure;
    expect(fault.rule).toBe(CONFORMANCE);
    expect(fault.place).toBe(it.place);
    expect(fault.what).toContain("Raft.tla");
  });
});
