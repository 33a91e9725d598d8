import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bounds, boundsFault, defaultBounds } from "../../model-checker/bounds.ts";
import { replay } from "../../model-checker/replay.ts";
import {
  boundNames,
  formatTrace,
  parseTrace,
  type Trace,
  traceOf,
} from "../../model-checker/trace.ts";
import { always } from "../../spec/index.ts";

const count = fc.oneof(fc.nat(9), fc.constant(Number.POSITIVE_INFINITY));
const bounds: fc.Arbitrary<Bounds> = fc
  .record({
    servers: fc.integer({ min: 1, max: 5 }),
    learners: fc.nat(4),
    joining: fc.nat(2),
    terms: count,
    log: count,
    proposals: count,
    sessions: fc.boolean(),
    messages: count,
    crashes: count,
    snapshots: count,
    changes: fc.array(fc.constantFrom("n1", "n1,n2", "n2+n1"), { maxLength: 3 }),
    transfers: count,
    reads: count,
    campaigns: count,
    disconnections: count,
    duplications: count,
    loss: fc.boolean(),
    heartbeats: fc.boolean(),
    network: fc.constantFrom<Bounds["network"]>("unordered", "fifo"),
    storage: fc.constantFrom<Bounds["storage"]>("synchronous", "asynchronous"),
    preVote: fc.boolean(),
    checkQuorum: fc.boolean(),
    leaseReads: fc.boolean(),
    clocks: fc.constantFrom<Bounds["clocks"]>("bounded", "free"),
    uncommitted: count,
    window: count,
    batch: count,
  })
  .filter((drawn) => boundsFault(drawn) === null);
const line = fc.constantFrom(
  "timeout n1",
  "deliver n1 n2 request-vote#1",
  "propose n1 x=1",
  "partition n1 | n2 n3",
  "heal",
);
const digest = fc.option(fc.stringMatching(/^[0-9a-f]{12}$/));
const traces: fc.Arbitrary<Trace> = fc
  .record({
    property: fc.option(fc.constantFrom(...always.map(({ name }) => name))),
    bounds,
    actions: fc.array(fc.record({ text: line, digest })),
  })
  .map(({ property, bounds, actions }) => {
    const numbered = actions.map((action, i) => ({ line: boundNames.length + 4 + i, ...action }));
    return { property, bounds, actions: numbered };
  });

/** Header, then `lines`, the first of which is line 3 of the text. */
function traceText(lines: readonly string[]): string {
  return ["quorate trace 1", "property none", ...lines].join("\n");
}

function traceFrom(lines: readonly string[]): Trace {
  const trace = parseTrace(traceText(lines));
  if ("fault" in trace) throw new Error(trace.fault);
  return trace;
}

describe("the trace format", () => {
  it("is parsed back to what was written", () => {
    fc.assert(
      fc.property(traces, (trace) => {
        expect(parseTrace(formatTrace(trace))).toEqual(trace);
      }),
    );
  });

  it("never throws, whatever the text", () => {
    const word = fc.constantFrom("quorate trace 1", "property none", "bound", "servers", "=", "#");
    const text = fc.array(fc.oneof(word, fc.string()), { size: "medium" });
    fc.assert(
      fc.property(text, fc.constantFrom("\n", " "), (parts, by) => {
        expect(parseTrace(parts.join(by))).toBeTypeOf("object");
      }),
    );
  });

  it("allows comments, empty lines, and default bounds", () => {
    const trace = parseTrace(
      "# by hand\r\nquorate trace 1\r\n\r\nproperty none\nbound terms unlimited # long\n\n" +
        "timeout n1 # first\n# and\ndeliver n1 n2 pre-vote#1\n",
    );
    expect(trace).toEqual({
      property: null,
      bounds: { ...defaultBounds, terms: Number.POSITIVE_INFINITY },
      actions: [
        { line: 7, text: "timeout n1", digest: null },
        { line: 9, text: "deliver n1 n2 pre-vote#1", digest: null },
      ],
    });
  });

  it.each([
    ["", 1, 'expected "quorate trace 1", found nothing'],
    ["quorate trace 2", 1, 'expected "quorate trace 1", found "quorate trace 2"'],
    ["quorate trace 1", 2, 'expected "property NAME" or "property none", found the end'],
    ["quorate trace 1\n\nbound loss true", 3, "expected"],
    ["quorate trace 1\nproperty Speed", 2, 'there is no property "Speed"; there are none, Elec'],
    [traceText(["bound votes 1"]), 3, 'there is no bound "votes"; there are servers, learners'],
    [traceText(["bound preVote true"]), 3, 'there is no bound "preVote"'],
    [traceText(["bound terms many"]), 3, 'a whole number or unlimited, found "many"'],
    [traceText(["bound terms 2 3"]), 3, 'found "2 3"'],
    [traceText(["bound loss 1"]), 3, 'expected "bound loss VALUE" with true or false, found "1"'],
    [traceText(["bound network tcp"]), 3, "unordered or fifo"],
    [traceText(["bound log 3", "bound log 3"]), 4, "bound log is given twice"],
    [traceText(["bound servers 0"]), 3, "servers must be a whole number of at least 1, not 0"],
    [
      traceText(["bound servers 9", "bound learners 1"]),
      4,
      "at most 9 servers, learners and joining",
    ],
    [traceText(["", "timeout n1 = 12345"]), 4, 'of 12 hexadecimal digits, found "12345"'],
    [traceText(["", "timeout n1 ="]), 4, "expected a digest of 12 hexadecimal digits"],
  ])("names the line and the fault of %j", (text, atLine, fault) => {
    expect(parseTrace(text)).toEqual({ line: atLine, fault: expect.stringContaining(fault) });
  });
});

describe("replay", () => {
  const schedule = ["timeout n1", "deliver n1 n2 pre-vote#1", "crash n2", "restart n2"];
  const firstAction = boundNames.length + 4;
  const harmless = { property: null, bounds: defaultBounds, schedule };

  function digests(): readonly string[] {
    return replay(traceOf(harmless)).steps.map((step) => step.digest);
  }

  it("accepts a trace with its own digests, and says what each action changed", () => {
    const outcome = replay(traceOf(harmless, digests()));
    expect(outcome).toMatchObject({ ok: true, violation: null });
    expect(outcome.steps.map(({ text }) => text)).toEqual(schedule);
    expect(outcome.steps[2]?.changes).toEqual(["n2: follower -> down"]);
  });

  it("accepts a trace of nothing", () => {
    expect(replay(traceFrom([]))).toEqual({ ok: true, steps: [], violation: null });
  });

  it("names the line where the state differs", () => {
    const [first = "", , ...rest] = digests();
    const outcome = replay(traceOf(harmless, [first, first, ...rest]));
    expect(outcome).toMatchObject({ ok: false, line: firstAction + 1, possible: [] });
    expect(outcome).toHaveProperty("why", expect.stringContaining(`digest ${digests()[1]}, not`));
    expect(outcome.steps).toHaveLength(1);
  });

  it("refuses a trace that claims a violation and shows none", () => {
    expect(replay(traceOf({ ...harmless, property: "Election Safety" }))).toMatchObject({
      ok: false,
      line: firstAction + 3,
      why: "the trace says that its end violates Election Safety, but nothing is violated",
    });
  });

  it.each([
    ["fly n1", 'unknown action "fly"', "timeout n1"],
    ["timeout n4", 'there is no server "n4"', "timeout n1"],
    ["deliver n1 n2 pre-vote#1", "no pre-vote#1 is in flight from n1 to n2", "timeout n2"],
    ["restart n1", "restart n1 is not possible here: n1 is not down", "crash n1"],
  ])("names the line of %s, the reason and what was possible", (action, why, possible) => {
    const outcome = replay(traceFrom(["", "# nothing yet", action]));
    expect(outcome).toMatchObject({ ok: false, line: 5, why: expect.stringContaining(why) });
    expect(outcome).toHaveProperty("possible", expect.arrayContaining([possible]));
  });

  it("names the line of an action that is out of bounds", () => {
    const trace = traceFrom(["bound crashes 1", "crash n1", "crash n2"]);
    const why = "crash n2 is not possible here: no crash is left (out of the trace's bounds)";
    expect(replay(trace)).toMatchObject({ ok: false, line: 5, why });
  });
});
