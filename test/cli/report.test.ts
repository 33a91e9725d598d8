import { describe, expect, it } from "vitest";
import { duration, grouped, memory, progressLine, rounded } from "../../cli/progress.ts";
import { exitCodeOf, reportLines, verdictSentence } from "../../cli/report.ts";
import { defaultBounds } from "../../model-checker/bounds.ts";
import type { CheckResult } from "../../model-checker/result.ts";

const exhausted: CheckResult = {
  verdict: "exhausted",
  stoppedBy: null,
  distinct: 51_234_567,
  generated: 212_345_678,
  depth: 34,
  seconds: 61.2,
  kernelCalls: 21_843,
  localStates: 639,
  localTransitions: 12_345,
  expectedCollisions: 0.0000712,
  peakMemoryBytes: 1.5 * 2 ** 30,
  exact: false,
  symmetry: true,
  bounds: defaultBounds,
  properties: [
    { name: "Election Safety", kind: "always", result: "holds" },
    { name: "Log Matching", kind: "always", result: "holds" },
    { name: "leader elected", kind: "sometimes", result: "reached" },
    { name: "vote split", kind: "sometimes", result: "reached" },
  ],
  conformance: null,
  progress: null,
  prefix: 0,
  trace: null,
};
const unreached: CheckResult = {
  ...exhausted,
  properties: exhausted.properties.map((property) =>
    property.name === "vote split" ? { ...property, result: "unreached" } : property,
  ),
};
const violated: CheckResult = {
  ...exhausted,
  verdict: "violated",
  properties: exhausted.properties.map((property) =>
    property.name === "Log Matching" ? { ...property, result: "violated" } : property,
  ),
  trace: {
    bounds: defaultBounds,
    property: "Log Matching",
    schedule: ["timeout n1"],
    explanation: [],
  },
};
const style = {
  paint: (text: string) => text,
  verbose: false,
  screen: { width: 80, unicode: true },
};

describe("the verdict", () => {
  const stopped = (stoppedBy: CheckResult["stoppedBy"]): CheckResult => {
    return { ...unreached, verdict: "limit", stoppedBy };
  };
  const states = "no violation in 51,234,567 distinct states";

  it.each([
    [exhausted, 0, `Exhausted: ${states}`],
    [unreached, 1, `Exhausted: ${states}, but 1 of the "sometimes" properties was not reached`],
    [violated, 1, "Violated: Log Matching, by 1 action"],
    [stopped("states"), 3, `Stopped at the limit of states (--max-states): ${states}, but not`],
    [stopped("seconds"), 3, "Stopped at the limit of time (--max-seconds): "],
    [stopped("memory"), 3, "Stopped at the limit of memory (--max-memory): "],
    [stopped("interrupted"), 3, "Interrupted: "],
  ])("of a result is a sentence and an exit code (%#)", (result, code, sentence) => {
    expect(verdictSentence(result)).toContain(sentence);
    expect(exitCodeOf(result)).toBe(code);
  });
});

describe("the report", () => {
  it("has the verdict, the bounds, the figures and the properties", () => {
    expect(reportLines(unreached, style).join("\n")).toMatchInlineSnapshot(`
      "Exhausted: no violation in 51,234,567 distinct states, but 1 of the "sometimes" properties was not reached, within these bounds:
        3 servers, 2 terms, logs of 3 entries, 1 proposal
        unordered network where a message may never arrive, 4 messages in flight, no duplications
        1 crash, synchronous storage
        PreVote on, CheckQuorum on, heartbeats on, window 1, batch 2

        distinct states      51,234,567 (up to the names of servers)
        generated            212,345,678, to depth 34
        time                 1 min 01 s, 837k distinct states a second
        kernel calls         21,843
        one server           639 states, 12,345 transitions
        peak memory          1.50 GiB
        expected collisions  0.000071 (--exact has none)
        conformance          not checked (--conform)
        progress             not checked (--progress)

        always: all 2 hold
        sometimes: 1 of 2 reached
          reached    leader elected
          unreached  vote split"
    `);
  });

  it("names what is violated, and says that the rest was not looked at to the end", () => {
    expect(reportLines(violated, style)).toContain("  always: 1 of 2 violated: Log Matching");
    const limited: CheckResult = { ...exhausted, verdict: "limit", stoppedBy: "seconds" };
    expect(reportLines(limited, style)).toContain("  always: all 2 hold as far as the check went");
  });

  it("says of how many states progress was demanded, and after what", () => {
    const progress = { demanded: 40_168, atRest: 658, visited: 128_170 };
    const text = reportLines({ ...exhausted, progress, prefix: 3 }, style).join("\n");
    expect(text).toContain(
      "progress             demanded of 51,234,567 states, 40,168 with nothing in flight; " +
        "658 are at rest, for the others 127,512 were visited",
    );
    expect(text).toContain("  after a schedule of 3 actions, which uses up none of these\n");
  });

  it("says of exact mode and of symmetry what they mean", () => {
    const text = reportLines({ ...exhausted, exact: true, symmetry: false, seconds: 0 }, style);
    expect(text.join("\n")).toContain("(symmetry off)");
    expect(text.join("\n")).toContain("none: states are known by themselves (--exact)");
  });

  it("lists every property with its rule where asked to", () => {
    const text = reportLines(exhausted, { ...style, verbose: true }).join("\n");
    expect(text).toContain("    holds      Election Safety\n               At most one leader");
    expect(text).toContain("    reached    leader elected\n               A candidate wins");
  });
});

describe("figures", () => {
  it.each([
    [0, "0"],
    [999.4, "999"],
    [1000, "1.00k"],
    [837_123, "837k"],
    [999_600, "1.00M"],
    [2_345_678, "2.35M"],
    [1_280_000_000, "1.28G"],
  ])("round %d to %s", (count, text) => {
    expect(rounded(count)).toBe(text);
  });

  it.each([
    [0, "0.0 s"],
    [12.34, "12.3 s"],
    [61.4, "1 min 01 s"],
    [3599.9, "1 h 00 min"],
    [7260, "2 h 01 min"],
  ])("say %d seconds as %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it("group counts and give memory in binary units", () => {
    expect(grouped(51234567)).toBe("51,234,567");
    expect(memory(200 * 2 ** 20)).toBe("200 MiB");
    expect(memory(1.25 * 2 ** 30)).toBe("1.25 GiB");
  });

  it("make the line of progress", () => {
    const progress = { distinct: 1_200_000, generated: 5e6, depth: 17, queue: 300_000 };
    const line = progressLine({ ...progress, seconds: 2, memoryBytes: 2 ** 30 });
    expect(line).toBe("1,200,000 states  depth 17  600k/s  queue 300k  1.00 GiB  2.0 s");
    expect(progressLine({ ...progress, seconds: 0, memoryBytes: 0 })).toContain("  0/s  ");
  });
});
