/** Steps of long logs are compared with the specification on a window: it hides no fault. */
import { describe, expect, it } from "vitest";
import type { Message, State } from "../../../kernel/index.ts";
import { StepCheck } from "../../../model-checker/audit/conform.ts";
import { framed } from "../../../model-checker/audit/frame.ts";
import type { Host } from "../../../model-checker/audit/host.ts";
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
  const { config, event, before, after, sent } = transition;
  const input = event.kind === "persisted" ? ({ kind: "flush" } as const) : event;
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
