import { describe, expect, it } from "vitest";
import { configurationsAfter, configurationsOfSnapshot } from "../../kernel/configuration.ts";
import { configurationOf, initialDurable } from "../../kernel/index.ts";
import { cluster, command, configurationEntry, joint, message, receive, server } from "./build.ts";

const founding = cluster(3);
const both = joint(["n1", "n2", "n3"], ["n1", "n4", "n5"]);
const next = { voters: ["n1", "n4", "n5"], outgoingVoters: [], learners: [] };
const history = configurationsAfter(configurationsOfSnapshot(initialDurable(founding).snapshot), [
  command(1, 1),
  configurationEntry(2, 1, both),
  command(3, 1),
  configurationEntry(4, 1, next),
]);

describe("a server always uses the latest configuration in its log, committed or not (§4.1)", () => {
  it("the founding one where the log holds no other", () => {
    expect(configurationOf(server({ log: [1, 1], founding }))).toEqual(founding);
  });

  it("the latest one of a recovered log", () => {
    const log = [1, configurationEntry(2, 1, both), 1, configurationEntry(4, 1, next), 1];
    expect(configurationOf(server({ log, founding }))).toEqual(next);
  });

  it("from the moment its entry is appended", () => {
    const entries = [configurationEntry(2, 1, both)];
    const append = message("append-entries-request", { prevLogIndex: 1, prevLogTerm: 1, entries });
    const { state } = receive(server({ log: [1], founding }), append);
    expect(state.commitIndex).toBe(0);
    expect(configurationOf(state)).toEqual(both);
  });

  it("a state without configuration is a broken invariant", () => {
    const broken = { ...server(), configurations: [] };
    expect(() => configurationOf(broken)).toThrow("a server always has a configuration");
  });
});

describe("a server falls back to the previous configuration when its entry is truncated (§4.1)", () => {
  it.each([
    ["nothing replaced", [], [0, 2, 4]],
    ["an entry after the last configuration", [command(5, 2)], [0, 2, 4]],
    ["the last configuration itself", [command(4, 2)], [0, 2]],
    ["an entry between", [command(3, 2)], [0, 2]],
    ["all of the log", [command(1, 2)], [0]],
    ["all of it, by another configuration", [configurationEntry(1, 2, next)], [0, 1]],
  ])("%s", (_name, replaced, indexes) => {
    const after = configurationsAfter(history, replaced);
    expect(after.map(({ index }) => index)).toEqual(indexes);
  });

  it("when a new leader overwrites it", () => {
    const log = [1, configurationEntry(2, 1, both)];
    const overwrite = message("append-entries-request", {
      term: 2,
      prevLogIndex: 1,
      prevLogTerm: 1,
      entries: [command(2, 2)],
    });
    const { state } = receive(server({ log, founding }), overwrite);
    expect(configurationOf(state)).toEqual(founding);
  });
});
