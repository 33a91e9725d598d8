/** A server's state as operators see it. */
import {
  baseIndex,
  configurationOf,
  type LogIndex,
  lastIndex,
  type ServerId,
  type State,
} from "../../kernel/index.ts";
import type { Status } from "./server.ts";

/** The status of server `id` in `state`, whose machine has applied all up to `appliedIndex`. */
export function statusOf(id: ServerId, state: State, appliedIndex: LogIndex): Status {
  const { role, currentTerm, leaderId, commitIndex, log } = state;
  const progress = role.kind === "leader" ? role.progress : [];
  return {
    id,
    role: role.kind,
    term: currentTerm,
    leaderId: role.kind === "leader" ? id : leaderId,
    commitIndex,
    appliedIndex,
    lastIndex: lastIndex(log),
    snapshotIndex: baseIndex(log),
    configuration: configurationOf(state),
    peers: progress.map((peer) => {
      return { id: peer.id, matchIndex: peer.matchIndex, mode: peer.mode };
    }),
  };
}
