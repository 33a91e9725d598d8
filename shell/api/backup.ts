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

/** The backup of `state`, as of `at.appliedIndex`, in parts; `term` is the server's then. */
export function* clusterBackup<S>(
  state: ClusterState<S>,
  at: Status,
  parts: (machine: S) => Iterable<string>,
): Generator<string> {
  const { voters, outgoingVoters, learners } = at.configuration;
  const head = {
    format: "quorate backup 1",
    index: at.appliedIndex,
    term: at.term,
    configuration: { voters, outgoingVoters, learners },
    addresses: [...state.addresses].map(([id, address]) => ({ id, ...address })),
  };
  yield `${JSON.stringify(head)}\n`;
  yield* parts(state.sessions.machine);
  yield "\n";
}
