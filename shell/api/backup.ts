/**
 * A backup as text: a line of JSON that says of what, and the machine's snapshot.
 *
 *   {"format":"quorate backup 1","index":7,"term":2,"configuration":{...},"addresses":[...]}
 *   {"revision":5,"items":[["key","value",5]]}
 *
 * Sessions are not in it: they are of clients of the cluster that was backed up.
 */
import type { Status } from "../driver/server.ts";
import type { ClusterState } from "../machines/cluster.ts";

/** The backup of `state`, as of `at.appliedIndex`; `term` is the server's then. */
export function clusterBackup<S>(
  state: ClusterState<S>,
  at: Status,
  snapshot: (machine: S) => string,
): string {
  const { voters, outgoingVoters, learners } = at.configuration;
  const head = {
    format: "quorate backup 1",
    index: at.appliedIndex,
    term: at.term,
    configuration: { voters, outgoingVoters, learners },
    addresses: [...state.addresses].map(([id, address]) => ({ id, ...address })),
  };
  return `${JSON.stringify(head)}\n${snapshot(state.sessions.machine)}\n`;
}
