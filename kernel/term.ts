/**
 * The rule of terms, in one place. Thesis §3.3: "If one server's current term is smaller than
 * the other's, then it updates its current term to the larger value. If a candidate or leader
 * discovers that its term is out of date, it immediately reverts to follower state."
 * TLA+: UpdateTerm.
 */
import type { Message } from "./messages.ts";
import { abandonReads } from "./reads.ts";
import type { Role } from "./state.ts";
import { envelope, ignore, resetTimer, send, type Transition, update } from "./transition.ts";
import type { ServerId } from "./types.ts";

/** Campaigns, or asks whether to: whatever leader was known counts no more. */
export function becomeCampaigner(t: Transition, role: Role): void {
  const { role: before } = t.state;
  update(t, { role, leaderId: null });
  abandonReads(t, before);
}

/** Becomes a follower of the current term; `leaderId` where its leader is known. */
export function becomeFollower(t: Transition, leaderId: ServerId | null): void {
  const { role, leaderId: known } = t.state;
  if (role.kind === "leader") resetTimer(t, "election");
  // Who hears its leader once more still waits for that leader's answers.
  if (role.kind === "follower" && known === leaderId) return;
  update(t, { role: { kind: "follower", reads: [] }, leaderId });
  abandonReads(t, role);
}

/**
 * Whether the message's `term` is one its sender is in. PreVote is the documented exception:
 * a request and a granted answer name the term of a campaign that may never start (§9.6).
 */
function carriesSendersTerm(message: Message): boolean {
  if (message.kind === "pre-vote-request") return false;
  return !(message.kind === "pre-vote-response" && message.voteGranted);
}

/** Adopts a higher term: a follower without vote or leader. Leader contact outlives the term. */
export function observeTerm(t: Transition, message: Message): void {
  if (message.term <= t.state.currentTerm || !carriesSendersTerm(message)) return;
  becomeFollower(t, null);
  update(t, { currentTerm: message.term, votedFor: null });
}

/**
 * Ignores a message of an earlier term, and tells a stale candidate or leader the current one:
 * "If a server receives a request with a stale term number, it rejects the request" (§3.3).
 * The bare heartbeat response serves a stale leader for all it sends: it only needs the term.
 */
export function ignoreStaleTerm(t: Transition, message: Message): boolean {
  if (message.term >= t.state.currentTerm || !carriesSendersTerm(message)) return false;
  ignore(t, "stale-term", `${message.kind} of term ${message.term}`);
  const reply = envelope(t, message.from);
  if (message.kind === "request-vote-request") {
    send(t, { kind: "request-vote-response", ...reply, voteGranted: false });
  } else if (isLeaders(message)) {
    send(t, { kind: "heartbeat-response", ...reply, context: [] });
  }
  return true;
}

/** Whether only the leader of a term sends such a message. */
function isLeaders({ kind }: Message): boolean {
  return (
    kind === "append-entries-request" ||
    kind === "heartbeat-request" ||
    kind === "install-snapshot-request" ||
    kind === "timeout-now-request"
  );
}
