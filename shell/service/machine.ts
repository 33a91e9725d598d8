/** The state machine of the service: keys and values, behind sessions and an address book. */
import type { StateMachine } from "../../kernel/index.ts";
import { type ClusterResponse, type ClusterState, clusterMachine } from "../machines/cluster.ts";
import {
  type KeyValueResponse,
  type KeyValueState,
  keyValueMachine,
} from "../machines/key-value.ts";

/** Open client sessions at most: a constant of every log that this service ever wrote. */
const MAX_SESSIONS = 10_000;

/** The machine that every server of the service runs. */
export function serviceMachine(): StateMachine<
  ClusterState<KeyValueState>,
  ClusterResponse<KeyValueResponse>
> {
  return clusterMachine(keyValueMachine(), { maxSessions: MAX_SESSIONS });
}
