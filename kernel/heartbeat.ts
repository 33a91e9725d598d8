/**
 * Heartbeats: a leader keeps its authority, learns who is there, and asks on behalf of reads
 * whether it still leads. Thesis §3.4, §3.5 (retries), §6.4. TLA+: Heartbeat,
 * HandleHeartbeatResponse.
 */
import { lastIndex } from "./log.ts";
import type { HeartbeatResponse } from "./messages.ts";
import { answeringPeer, isWindowFull } from "./progress.ts";
import { acknowledgeReads } from "./reads.ts";
import { sendNext } from "./replication.ts";
import type { Progress } from "./state.ts";
import { handOver } from "./transfer.ts";
import {
  envelope,
  ignore,
  leaderRole,
  resetTimer,
  sendEarly,
  type Transition,
} from "./transition.ts";

/** A heartbeat to every peer: "to maintain their authority" (§3.4). */
export function onHeartbeatTimeout(t: Transition): void {
  if (leaderRole(t.state) === null) return ignore(t, "not-leader", "heartbeat timeout");
  sendHeartbeats(t);
  resetTimer(t, "heartbeat");
}

/** One heartbeat to each peer, for the round of reads that is running, if one is. */
export function sendHeartbeats(t: Transition): void {
  const leader = leaderRole(t.state);
  for (const { id, matchIndex } of leader?.progress ?? []) {
    // Beyond matchIndex the peer's log may differ from ours: it must not commit that.
    const leaderCommit = Math.min(t.state.commitIndex, matchIndex);
    const context = leader?.reads.round?.context ?? [];
    sendEarly(t, { kind: "heartbeat-request", ...envelope(t, id), leaderCommit, context });
  }
}

/** A peer is there: it confirms reads, may lack entries, or may be the one to hand over to. */
export function handleHeartbeatResponse(t: Transition, message: HeartbeatResponse): void {
  const peer = answeringPeer(t, message.from);
  if (peer === undefined) return;
  acknowledgeReads(t, message.from, message.context);
  if (peer.matchIndex < lastIndex(t.state.log)) retry(t, peer);
  else handOver(t, message.from);
}

/**
 * A peer that answers heartbeats but lags may have lost an AppendEntries: free one place of its
 * window and send again, if only the question whether the logs agree (liveness; §3.5 "retries
 * AppendEntries RPCs indefinitely"). A snapshot under way is the host's to report on.
 */
function retry(t: Transition, peer: Progress): void {
  if (peer.mode === "snapshot") return;
  const isFull = isWindowFull(t.config, peer);
  sendNext(t, { ...peer, inFlight: isFull ? peer.inFlight.slice(1) : peer.inFlight });
}
