/**
 * The kernel: `(config, state, event) -> (state, effects)`, total and pure. Thesis §8.3.
 * This file only decides which rule an event belongs to; each rule lives in its own file.
 */
import { handleAppendEntriesRequest, handleHeartbeatRequest } from "./append-entries.ts";
import { unreachable } from "./assert.ts";
import { onPersisted, persistEffect } from "./durability.ts";
import {
  handleRequestVoteRequest,
  handleRequestVoteResponse,
  ignoreDisruption,
  onCampaign,
  onElectionTimeout,
} from "./election.ts";
import type { Event, StepResult } from "./events.ts";
import { handleHeartbeatResponse, onHeartbeatTimeout } from "./heartbeat.ts";
import { onMinimumElectionTimeout } from "./leader-contact.ts";
import { onLeaseTimeout } from "./lease.ts";
import { onProposeConfiguration } from "./membership.ts";
import { messageFault } from "./message-fault.ts";
import type { Message } from "./messages.ts";
import { handlePreVoteRequest, handlePreVoteResponse } from "./pre-vote.ts";
import { onPeerUnreachable } from "./progress.ts";
import { onPropose } from "./proposal.ts";
import { handleReadIndexRequest, handleReadIndexResponse, onRead } from "./reads.ts";
import { handleAppendEntriesAccepted, handleAppendEntriesRejected } from "./replication.ts";
import {
  handleInstallSnapshotRequest,
  onSnapshotFailed,
  onSnapshotSent,
  onSnapshotTaken,
} from "./snapshot.ts";
import { assertState, type State } from "./state.ts";
import { ignoreStaleTerm, observeTerm } from "./term.ts";
import { handleTimeoutNowRequest, onTransferLeadership } from "./transfer.ts";
import { begin, ignore, type Transition } from "./transition.ts";
import type { KernelConfig } from "./types.ts";

/**
 * Lets `event` happen to a server in `state`. The old state stays valid. Input from peers and
 * clients never throws: it gives `ignored` or `reject` with a reason. A broken internal
 * invariant throws `InvariantError`.
 */
export function step(config: KernelConfig, state: State, event: Event): StepResult<State> {
  const t = begin(config, state);
  dispatch(t, event);
  assertState(t.state);
  // First in the list, so that everything this step promises waits for it.
  const persist = persistEffect(state, t);
  return { state: t.state, effects: persist === null ? t.effects : [persist, ...t.effects] };
}

function dispatch(t: Transition, event: Event): void {
  switch (event.kind) {
    case "message":
      return receive(t, event.message);
    case "election-timeout":
      return onElectionTimeout(t);
    case "heartbeat-timeout":
      return onHeartbeatTimeout(t);
    case "minimum-election-timeout":
      return onMinimumElectionTimeout(t);
    case "propose":
      return onPropose(t, event.command);
    case "persisted":
      return onPersisted(t, event);
    case "lease-timeout":
      return onLeaseTimeout(t);
    case "propose-configuration":
      return onProposeConfiguration(t, event);
    case "read":
      return onRead(t, event);
    case "transfer-leadership":
      return onTransferLeadership(t, event);
    case "campaign":
      return onCampaign(t);
    case "snapshot-taken":
      return onSnapshotTaken(t, event);
    case "snapshot-sent":
      return onSnapshotSent(t, event);
    case "snapshot-failed":
      return onSnapshotFailed(t, event);
    case "peer-unreachable":
      return onPeerUnreachable(t, event);
    default:
      return unreachable(event);
  }
}

/** The checks every message passes, then the rule of terms, then its handler. */
function receive(t: Transition, message: Message): void {
  const fault = messageFault(message);
  if (fault !== null) return ignore(t, "malformed", fault);
  if (message.to !== t.config.id) return ignore(t, "not-addressed-here", `to ${message.to}`);
  if (message.from === message.to) return ignore(t, "malformed", "it is from its receiver");
  if (ignoreStaleTerm(t, message)) return;
  if (message.kind === "request-vote-request" && ignoreDisruption(t, message)) return;
  observeTerm(t, message);
  handle(t, message);
}

function handle(t: Transition, message: Message): void {
  switch (message.kind) {
    case "pre-vote-request":
      return handlePreVoteRequest(t, message);
    case "pre-vote-response":
      return handlePreVoteResponse(t, message);
    case "request-vote-request":
      return handleRequestVoteRequest(t, message);
    case "request-vote-response":
      return handleRequestVoteResponse(t, message);
    case "append-entries-request":
      return handleAppendEntriesRequest(t, message);
    case "append-entries-accepted":
      return handleAppendEntriesAccepted(t, message);
    case "append-entries-rejected":
      return handleAppendEntriesRejected(t, message);
    case "heartbeat-request":
      return handleHeartbeatRequest(t, message);
    case "heartbeat-response":
      return handleHeartbeatResponse(t, message);
    case "install-snapshot-request":
      return handleInstallSnapshotRequest(t, message);
    case "timeout-now-request":
      return handleTimeoutNowRequest(t, message);
    case "read-index-request":
      return handleReadIndexRequest(t, message);
    case "read-index-response":
      return handleReadIndexResponse(t, message);
    default:
      return unreachable(message);
  }
}
