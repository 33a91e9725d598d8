/** One change of the members at a time holds where it should, and can fail. */
import { describe, expect, it } from "vitest";
import type { Configuration, Entry } from "../../kernel/index.ts";
import { oneChangeAtATime } from "../../spec/changes.ts";
import { logViewOf } from "../../spec/index.ts";
import { cluster, command, configurationEntry, joint, server } from "../kernel/build.ts";
import { viewOf } from "./build.ts";

const three = cluster(3);
const both = joint(["n1", "n2", "n3"], ["n1", "n2", "n4"]);
const next = { ...both, outgoingVoters: [] };

/** Whether it holds of a log of these configurations, the first `length` of which are committed. */
function holds(configurations: readonly Configuration[], length: number): boolean {
  if (oneChangeAtATime.over !== "server-history") throw new Error("it needs the history");
  const log: readonly Entry[] = configurations.map((it, i) => configurationEntry(i + 1, 1, it));
  const committed = log.slice(0, length).map((entry) => ({ entry, committedInTerm: 1 }));
  const view = logViewOf(viewOf(server({ log: [...log, command(log.length + 1, 1)] })));
  return oneChangeAtATime.holds(view, { founding: three, committed });
}

describe("One Change At A Time", () => {
  it.each([
    ["no change", [], 0, true],
    ["a change", [both], 0, true],
    ["a change and its end", [both, next], 0, true],
    ["a second change once the first is committed, whoever knows that", [next, both], 1, true],
    ["a second change before", [next, both], 0, false],
    ["the end of nothing", [next, three], 0, false],
    ["a joint configuration that leads to another", [both, both], 0, false],
  ])("%s", (_, configurations, length, expected) => {
    expect(holds(configurations, length)).toBe(expected);
  });
});
