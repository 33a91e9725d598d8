import { describe, expect, it } from "vitest";
import { defaultBounds } from "../../model-checker/bounds.ts";
import { boundsPhrases } from "../../model-checker/render/bounds.ts";
import { renderSteps, ruleOf, wrapped } from "../../model-checker/render/counterexample.ts";
import { sequenceChart } from "../../model-checker/render/sequence.ts";
import { entriesText, entryText } from "../../model-checker/render/words.ts";
import { type ReplayStep, replay } from "../../model-checker/replay.ts";
import { traceOf } from "../../model-checker/trace.ts";

const bounds = { ...defaultBounds, messages: 9, duplications: 1, loss: true };

function stepsOf(schedule: readonly string[], changed = {}): readonly ReplayStep[] {
  const trace = traceOf({ property: null, bounds: { ...bounds, ...changed }, schedule });
  const outcome = replay(trace);
  if (!outcome.ok) throw new Error(outcome.why);
  return outcome.steps;
}

/** The first election, a command that commits, and the crash of the leader. */
const ELECTION = [
  "timeout n1",
  "deliver n1 n2 pre-vote#1",
  "deliver n2 n1 pre-vote-response#1",
  "drop n1 n2 request-vote#1",
  "deliver n1 n3 request-vote#1",
  "deliver n3 n1 request-vote-response#1",
  "propose n1 a",
  "deliver n1 n3 append-entries#1",
  "deliver n3 n1 append-entries-accepted#1",
  "crash n1",
  "duplicate n1 n2 append-entries#1",
  "restart n1",
];

describe("the schedule with its changes", () => {
  it("reads as a story", () => {
    const text = renderSteps(stepsOf(ELECTION), null, { width: 80, unicode: true }).join("\n");
    expect(text).toMatchInlineSnapshot(`
      "Schedule (12 actions) and what changes:
         1  timeout n1
                n1: follower -> pre-candidate, votes n1
                n1 -> n2 n3: pre-vote term 1, last 0/0
         2  deliver n1 n2 pre-vote#1
                n2 -> n1: pre-vote-response granted, term 1
         3  deliver n2 n1 pre-vote-response#1
                n1: pre-candidate -> candidate, term 0 -> 1, votedFor none -> n1
                n1 -> n2 n3: request-vote term 1, last 0/0
         4  drop n1 n2 request-vote#1
                lost: n1 -> n2: request-vote term 1, last 0/0
         5  deliver n1 n3 request-vote#1
                n3: term 0 -> 1, votedFor none -> n1
                n3 -> n1: request-vote-response granted, term 1
         6  deliver n3 n1 request-vote-response#1
                n1: candidate -> leader, log [] -> [1], leader none -> n1, in flight
                  n2 1, in flight n3 1
                n1 -> n2 n3: append-entries term 1, after 0/0, [1], commit 0
         7  propose n1 a
                n1: log [1] -> [1 1:a]
         8  deliver n1 n3 append-entries#1
                n3: log [] -> [1], leader none -> n1, leader contact no -> yes
                n3 -> n1: append-entries-accepted term 1, match 1
         9  deliver n3 n1 append-entries-accepted#1
                n1: commit 0 -> 1, match n3 0 -> 1, next n3 1 -> 3, mode n3 probe ->
                  replicate, in flight n3 1 -> 2, heard n3 no -> yes
                n1 -> n3: append-entries term 1, after 1/1, [1:a], commit 1
        10  crash n1
                n1: leader -> down
        11  duplicate n1 n2 append-entries#1
                n2: term 0 -> 1, log [] -> [1], leader none -> n1, leader contact no
                  -> yes
                n2 -> n1: append-entries-accepted term 1, match 1
        12  restart n1
                n1: down -> follower

      Messages, from top to bottom:
          ├──▶ arrives   ├──x is lost   ● by itself   X crash   ○ restart

           n1          n2          n3
        1  ●           │           │   timeout: pre-candidate of term 0
        2  ├──────────▶│           │   pre-vote term 1, last 0/0
        3  │◀──────────┤           │   pre-vote-response granted, term 1
           │           │           │     candidate of term 1
        4  ├─────x     │           │   request-vote term 1, last 0/0
        5  ├───────────┼──────────▶│   request-vote term 1, last 0/0: term 1
        6  │◀──────────┼───────────┤   request-vote-response granted, term 1
           │           │           │     leader of term 1
        7  ●           │           │   propose a
        8  ├───────────┼──────────▶│   append-entries term 1, after 0/0, [1], commit 0
        9  │◀──────────┼───────────┤   append-entries-accepted term 1, match 1
           │           │           │     commits 1
       10  X           │           │   crash
       11  ───────────▶│           │   (copy) append-entries term 1, after 0/0, [1],…
                       │           │     term 1
       12  ○           │           │   restart
           n1          n2          n3"
    `);
  });

  it("shows what a crash loses of what was not yet stored", () => {
    const schedule = ["timeout n1", "flush n1", "crash n1"];
    const one = { servers: 1, storage: "asynchronous", preVote: false };
    const changes = stepsOf(schedule, one).map((step) => step.changes);
    expect(changes).toMatchInlineSnapshot(`
      [
        [
          "n1: follower -> candidate, term 0 -> 1, votedFor none -> n1, writes in progress 0 -> 1",
        ],
        [
          "n1: candidate -> leader, log [] -> [1], leader none -> n1, stored (term 0 votedFor none log []) -> (term 1 votedFor n1 log [])",
        ],
        [
          "n1: leader -> down, log [1] -> []",
        ],
      ]
    `);
  });

  it("shows what a partition loses, and what is sent into it", () => {
    const schedule = ["timeout n1", "partition n1 n3 | n2", "heal"];
    const changes = stepsOf(schedule).map((step) => step.changes);
    expect(changes).toEqual([
      expect.anything(),
      ["lost: n1 -> n2: pre-vote term 1, last 0/0"],
      ["nothing changes"],
    ]);
    const [cut] = stepsOf(["partition n1 | n2 n3", "timeout n1"]).slice(1);
    expect(cut?.changes).toContain("n1 -> n2 n3: pre-vote term 1, last 0/0 (lost)");
  });

  it("says of an unordered network that a message is already in flight", () => {
    const [, again] = stepsOf(["timeout n1", "timeout n1"]);
    expect(again?.changes).toEqual(["n1 -> n2 n3: pre-vote term 1, last 0/0 (already in flight)"]);
  });

  it("says why a proposal is rejected and a message ignored", () => {
    const [rejected] = stepsOf(["propose n1 a"]);
    expect(rejected?.changes).toEqual(["n1 rejects the proposal: not-leader"]);
    const late = stepsOf([
      "timeout n1",
      "deliver n1 n2 pre-vote#1",
      "deliver n1 n3 pre-vote#1",
      "deliver n2 n1 pre-vote-response#1",
      "deliver n3 n1 pre-vote-response#1",
    ]).at(-1);
    expect(late?.changes).toEqual([expect.stringMatching(/^n1 ignores it: not-campaigning/)]);
  });
});

describe("the message-sequence chart", () => {
  it("does with ASCII where it must", () => {
    const chart = sequenceChart(stepsOf(ELECTION), "violates X", { width: 80, unicode: false });
    expect(chart.join("\n")).toMatchInlineSnapshot(`
      "     n1          n2          n3
        1  *           |           |   timeout: pre-candidate of term 0
        2  |---------->|           |   pre-vote term 1, last 0/0
        3  |<----------|           |   pre-vote-response granted, term 1
           |           |           |     candidate of term 1
        4  |-----x     |           |   request-vote term 1, last 0/0
        5  |-----------|---------->|   request-vote term 1, last 0/0: term 1
        6  |<----------|-----------|   request-vote-response granted, term 1
           |           |           |     leader of term 1
        7  *           |           |   propose a
        8  |-----------|---------->|   append-entries term 1, after 0/0, [1], commit 0
        9  |<----------|-----------|   append-entries-accepted term 1, match 1
           |           |           |     commits 1
       10  X           |           |   crash
       11  ----------->|           |   (copy) append-entries term 1, after 0/0, [1]...
                       |           |     term 1
       12  o           |           |   restart
           |           |           |   ^ violates X
           n1          n2          n3"
    `);
    expect(chart.join("")).toMatch(/^[ -~]*$/);
  });

  it.each([40, 60, 80, 120])("fits %i columns", (width) => {
    const chart = sequenceChart(stepsOf(ELECTION), null, { width, unicode: true });
    for (const row of chart) expect(row.length).toBeLessThanOrEqual(width);
  });

  it("draws five servers, a partition, and arrows both ways", () => {
    const schedule = [
      "timeout n3",
      "deliver n3 n1 pre-vote#1",
      "deliver n3 n5 pre-vote#1",
      "partition n1 n2 n3 | n4 n5",
      "deliver n1 n3 pre-vote-response#1",
      "heal",
    ];
    const steps = stepsOf(schedule, { servers: 5 });
    expect(
      sequenceChart(steps, null, { width: 80, unicode: true }).join("\n"),
    ).toMatchInlineSnapshot(`
      "    n1    n2    n3    n4    n5
       1  │     │     ●     │     │   timeout: pre-candidate of term 0
       2  │◀────┼─────┤     │     │   pre-vote term 1, last 0/0
       3  │     │     ├─────┼────▶│   pre-vote term 1, last 0/0
       4  │╌╌╌╌╌│╌╌╌╌╌│╌╌╌╌╌│╌╌╌╌╌│   partition n1 n2 n3 | n4 n5
       5  ├─────┼────▶│     │     │   pre-vote-response granted, term 1
       6  │╌╌╌╌╌│╌╌╌╌╌│╌╌╌╌╌│╌╌╌╌╌│   heal
          n1    n2    n3    n4    n5"
    `);
  });

  it("is empty where nothing happens", () => {
    expect(sequenceChart([], null, { width: 80, unicode: true })).toEqual([]);
    expect(renderSteps([], null, { width: 80, unicode: true })).toHaveLength(1);
  });
});

describe("words", () => {
  it("writes an entry as its term and what it holds", () => {
    const configuration = { voters: ["n1", "n2"], outgoingVoters: ["n3"], learners: ["n4"] };
    expect(entryText({ index: 1, term: 2, payload: { kind: "no-op" } })).toBe("2");
    expect(entryText({ index: 1, term: 2, payload: { kind: "command", command: "a" } })).toBe(
      "2:a",
    );
    expect(
      entryText({ index: 1, term: 2, payload: { kind: "configuration", configuration } }),
    ).toBe("2:{n1 n2 | n3 | n4?}");
  });

  it("shortens long logs to their end", () => {
    const entries = Array.from({ length: 12 }, (_, i) => {
      return { index: i + 1, term: i + 1, payload: { kind: "no-op" } as const };
    });
    expect(entriesText(entries)).toBe("[12: ... 5 6 7 8 9 10 11 12]");
    expect(entriesText([])).toBe("[]");
  });

  it("writes bounds in full", () => {
    const wide = { ...bounds, learners: 1, terms: Number.POSITIVE_INFINITY, crashes: 0 };
    expect(boundsPhrases(wide)).toEqual([
      "3 servers and 1 learner, unlimited terms, logs of 3 entries, 1 proposal",
      "unordered network where losing a message is an action, 9 messages in flight, 1 duplication",
      "no crashes, synchronous storage",
      "PreVote on, CheckQuorum on, heartbeats on, window 1, batch 2",
    ]);
  });

  it("breaks lines between words", () => {
    expect(wrapped("one two three", 2, 9, 1)).toEqual(["  one two", "   three"]);
    expect(wrapped("uninterrupted", 2, 9)).toEqual(["  uninterrupted"]);
  });

  it("knows the rule of every property", () => {
    expect(ruleOf("Election Safety")).toContain("At most one leader");
    expect(ruleOf("Kernel Invariants")).toContain("never contradicts itself");
    expect(ruleOf("leader elected")).toContain("wins an election");
  });
});
