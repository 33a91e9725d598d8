/** Each goal of Progress holds of a cluster at work, and fails by itself. */
import { describe, expect, it } from "vitest";
import type { Entry, ServerId, State } from "../../kernel/index.ts";
import { atRest, goals, NEW_COMMAND, type RunningServer } from "../../spec/index.ts";
import { command, noOp, server } from "../kernel/build.ts";
import { viewOf } from "./build.ts";

function running(id: ServerId, state: State): RunningServer {
  return { ...viewOf(state), id, state };
}

/** The names of the goals that fail of a follower beside its leader. */
function failing(follower: State, leader: State): readonly string[] {
  const [mine, theirs] = [running("n2", follower), running("n1", leader)];
  return goals
    .filter((goal) => {
      return goal.over === "server" ? !goal.holds(mine) : !goal.holds(mine, theirs);
    })
    .map(({ name }) => name);
}

function knowing(leaderId: ServerId | null, log: readonly Entry[], commitIndex: number): State {
  return server({ log, commitIndex, leaderId, currentTerm: 2 });
}

const done = [noOp(1, 1), command(2, 2, NEW_COMMAND)];
const leader = knowing("n1", done, 2);

describe("the goals of Progress", () => {
  it("hold of a cluster at work", () => {
    expect(failing(leader, leader)).toEqual([]);
  });

  it.each([
    ["another leader is known", "Leader Followed", knowing("n3", done, 2)],
    ["none is known", "Leader Followed", knowing(null, done, 2)],
    ["the term is behind", "Leader Followed", { ...leader, currentTerm: 1 }],
    ["the log is short", "Proposals Decided", knowing("n1", done.slice(0, 1), 1)],
    ["the log is longer", "Proposals Decided", knowing("n1", [...done, noOp(3, 2)], 2)],
    ["the log is another", "Proposals Decided", knowing("n1", [noOp(1, 1), noOp(2, 1)], 2)],
    ["an entry is not committed", "Proposals Decided", knowing("n1", done, 1)],
  ])("fail where %s", (_, goal, follower) => {
    expect(failing(follower, leader)).toEqual([goal]);
  });

  it.each([
    ["no new command is in the log", [noOp(1, 1)]],
    ["the new command is of an earlier term", [command(1, 1, NEW_COMMAND), noOp(2, 2)]],
    ["the new command is another's", [noOp(1, 1), command(2, 2, "a")]],
  ])("fail where %s", (_, log) => {
    const idle = knowing("n1", log, log.length);
    expect(failing(idle, idle)).toEqual(["New Command Committed"]);
  });

  it("are those of a cluster at rest, and the new command", () => {
    expect(goals.map(({ name }) => name)).toEqual([
      ...atRest.map(({ name }) => name),
      "New Command Committed",
    ]);
  });
});
