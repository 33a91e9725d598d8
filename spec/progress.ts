/**
 * Progress: what a cluster can always get to once faults stop. Safety says that nothing bad ever
 * happens, which a cluster that does nothing satisfies; this is the other half, in the form
 * "possible from every state". Each goal is a named predicate over the narrowest view that
 * decides it; a state satisfies Progress where all of them hold at once, somewhere down one path
 * without faults. Thesis §3.9 (timing and availability), §6.2, §9.6; TLA+ would say
 * `\A s \in Reachable: EF Goals`.
 *
 * To add a goal, add it to `atRest`: nothing else knows them by name.
 */
import {
  baseIndex,
  configurationOf,
  entriesBetween,
  lastIndex,
  lastTerm,
  type State,
  termAt,
} from "../kernel/index.ts";
import type { ServerView } from "./property.ts";

/** The name under which a state from which the goals cannot be reached is reported. */
export const PROGRESS = "Progress";

/** What Progress demands, in a sentence. */
export const PROGRESS_RULE =
  "From every reachable state, if faults stop (no crash, no loss, no duplicate, no partition, no " +
  "election timeout under a leader of the highest term), there is a way to a state in which one " +
  "leader is followed by all, every log is its log and committed, changes of the members, " +
  "transfers and reads have ended, and a new command is committed (§3.9).";

/** What a client proposes when faults have stopped, to see whether it gets through. */
export const NEW_COMMAND = "new";

/** A running server, as goals see it. */
export type RunningServer = ServerView & { readonly state: State };

interface Named {
  readonly name: string;
  /** What must hold at the end, in a sentence. */
  readonly rule: string;
}

/** Must hold when everything is done. All servers run then. */
export type Goal = Named &
  (
    | { readonly over: "server"; readonly holds: (server: RunningServer) => boolean }
    /**
     * Of every member of the configuration of the leader of the highest term beside that leader,
     * and of that leader beside itself.
     */
    | {
        readonly over: "server-leader";
        readonly holds: (server: RunningServer, leader: RunningServer) => boolean;
      }
  );

/** Whether the log of `state` holds a new command of its current term. */
export function holdsNewCommand({ log, currentTerm }: State): boolean {
  for (let at = lastIndex(log); at > baseIndex(log) && termAt(log, at) === currentTerm; at--) {
    const [entry] = entriesBetween(log, at, at);
    if (entry?.payload.kind === "command" && entry.payload.command === NEW_COMMAND) return true;
  }
  return false;
}

/** What holds of a cluster that has nothing left to do. */
export const atRest: readonly Goal[] = [
  {
    name: "Leader Followed",
    rule: "One server leads the highest term, and every member knows it for its leader.",
    over: "server-leader",
    holds: ({ state }, leader) => {
      return state.currentTerm === leader.state.currentTerm && state.leaderId === leader.id;
    },
  },
  {
    // By Log Matching, the last index and term say it of the whole log. An entry that is in no
    // log any more was rejected: its proposer can know.
    name: "Proposals Decided",
    rule: "Every log is the leader's, stored and committed whole: no proposal is pending.",
    over: "server-leader",
    holds: ({ state }, leader) => {
      const end = lastIndex(leader.state.log);
      const isEqual =
        lastIndex(state.log) === end && lastTerm(state.log) === lastTerm(leader.state.log);
      return isEqual && state.commitIndex === end;
    },
  },
  {
    name: "Joint Configuration Left",
    rule: "The leader's configuration is not joint: every change of the members is done (§4.3).",
    over: "server-leader",
    holds: (_, { state }) => configurationOf(state).outgoingVoters.length === 0,
  },
  {
    name: "Transfers Ended",
    rule: "No leader is handing over: the target leads, or the leader has given up (§3.10).",
    over: "server",
    holds: ({ state: { role } }) => role.kind !== "leader" || role.transferTo === null,
  },
  {
    name: "Reads Ended",
    rule: "No server holds a read: each was answered or rejected (§6.4).",
    over: "server",
    holds: ({ state: { role } }) => {
      if (role.kind === "follower") return role.reads.length === 0;
      if (role.kind !== "leader") return true;
      return role.reads.waiting.length === 0 && (role.reads.round?.reads ?? []).length === 0;
    },
  },
];

/** Everything that must be reached, all at once. */
export const goals: readonly Goal[] = [
  ...atRest,
  {
    name: "New Command Committed",
    rule: "A command proposed to that leader is in its log: it does not lead in name only.",
    over: "server-leader",
    holds: (_, { state }) => holdsNewCommand(state),
  },
];
