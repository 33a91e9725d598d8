/**
 * Bugs put back into client sessions. `exactlyOnceFault` also judges them over random sequences of
 * commands, in `test/spec/sessions.test.ts`.
 */
import type { Mutant } from "./catalogue.ts";

const breaks = ["Exactly Once"];
const unspecified = "what the state machine does with the commands that it is given";

/** Each breaks exactly-once, on a server or between servers. */
export const sessionMutants: readonly Mutant[] = [
  {
    id: "B94",
    about: "there is no session table: a client's retry is applied twice",
    file: "kernel/sessions.ts",
    find: `      return applyOnce(machine, state, command, index);`,
    replace: `      const { state: next, response } = machine.apply(state.machine, command.command, index);
      return { state: { ...state, machine: next }, response: { kind: "answered", response } };`,
    breaks,
    unspecified,
    source: "akka-raft#64; redisraft#28",
  },
  {
    id: "B94-snapshot",
    about: "the session table is not in the snapshot",
    file: "kernel/session-snapshot.ts",
    find: `  return { machine: restore(machineText), opened, table };`,
    replace: `  return { machine: restore(machineText), opened, table: emptySessionTable };`,
    breaks,
    unspecified,
    source: "curvine#676; fluree#1839",
  },
  {
    id: "B94-latest",
    about: "the sessions are in the snapshot, their latest commands are not",
    file: "kernel/session-snapshot.ts",
    find: `    return useSession(table, { client, sequence, response });`,
    replace: `    return useSession(table, { client, sequence: 0, response: null });`,
    also: [{ find: `  if (fault >= 0) fail(`, replace: `  if (fault > text.length) fail(` }],
    breaks,
    unspecified,
  },
  {
    id: "Q94-duplicate",
    about: "the latest command, when it comes again, is applied again",
    file: "kernel/sessions.ts",
    find: `  if (sequence === session.sequence) {`,
    replace: `  if (sequence === session.sequence && sequence === 0) {`,
    breaks,
    unspecified,
  },
  {
    id: "Q94-older",
    about: "a command older than the latest is applied again",
    file: "kernel/sessions.ts",
    find: `  if (sequence < session.sequence) {`,
    replace: `  if (sequence < session.sequence && sequence === 0) {`,
    breaks,
    unspecified,
  },
  {
    id: "Q94-latest-response",
    about: "a command older than the latest gets the response to the latest",
    file: "kernel/sessions.ts",
    find: `  if (sequence < session.sequence) {`,
    replace: `  if (sequence < session.sequence && sequence === 0) {`,
    also: [
      {
        find: `  if (sequence === session.sequence) {`,
        replace: `  if (sequence <= session.sequence) {`,
      },
    ],
    breaks,
    unspecified,
  },
  {
    id: "Q94-response",
    about: "the response is not kept",
    file: "kernel/sessions.ts",
    find: `  const table = useSession(state.table, { client, sequence, response });`,
    replace: `  const table = useSession(state.table, { client, sequence, response: null });`,
    breaks,
    unspecified,
  },
  {
    id: "Q94-anew",
    about: "a client whose session expired gets a new one, silently",
    file: "kernel/sessions.ts",
    find: `  const session = sessionOf(state.table, client);`,
    replace: `  const session = sessionOf(state.table, client) ?? { client, sequence: 0, response: null };`,
    breaks,
    unspecified,
  },
  {
    id: "Q94-name",
    about: "the name of a session that expired is given again",
    file: "kernel/sessions.ts",
    find: `  const client = state.opened + 1;`,
    replace: `  const client = state.opened === maxSessions ? 1 : state.opened + 1;`,
    breaks,
    unspecified,
  },
  {
    id: "Q94-clock",
    about: "which session expires is decided by something beside the log, as a clock is",
    file: "kernel/sessions.ts",
    find: `  return table.size < maxSessions ? table : withoutSession(table, table.oldest);`,
    replace: `  if (table.size < maxSessions) return table;
  clock += 1;
  return withoutSession(table, clock % 2 === 0 ? table.oldest : table.newest);`,
    also: [{ find: `function withRoom(`, replace: `let clock = 0;\nfunction withRoom(` }],
    breaks,
    unspecified,
  },
  {
    id: "Q94-order",
    about: "the snapshot loses the order in which sessions were used",
    file: "kernel/session-snapshot.ts",
    find: `  for (const { client, sequence, response } of sessionsByUse(table)) {`,
    replace: `  const byName = [...sessionsByUse(table)].sort((a, b) => a.client - b.client);
  for (const { client, sequence, response } of byName) {`,
    breaks,
    unspecified,
  },
];

/** Each is exactly-once still, but does not do what is said of it: the oracle tells. */
export const misbehaviours: readonly Mutant[] = [
  {
    id: "Q94-newest",
    about: "the session used last expires first",
    file: "kernel/sessions.ts",
    find: `withoutSession(table, table.oldest);`,
    replace: `withoutSession(table, table.newest);`,
    breaks: [],
  },
  {
    id: "Q94-opened",
    about: "sessions expire in the order in which they were opened",
    file: "kernel/session-table.ts",
    find: `  const { size, oldest, newest, byClient } = withoutSession(table, client);`,
    replace: `  const old = valueAt(table.byClient, client);
  if (old !== undefined) {
    return { ...table, byClient: withValue(table.byClient, client, { ...old, ...session }) };
  }
  const { size, oldest, newest, byClient } = table;`,
    breaks: [],
  },
  {
    id: "Q94-gap",
    about: "a number may not be skipped",
    file: "kernel/sessions.ts",
    find: `  if (sequence < session.sequence) {`,
    replace: `  if (sequence < session.sequence || sequence > session.sequence + 1) {`,
    breaks: [],
  },
  {
    id: "Q94-shut",
    about: "every command is refused",
    file: "kernel/sessions.ts",
    find: `  if (session === undefined) return`,
    replace: `  if (session === undefined || sequence > 0) return`,
    breaks: [],
  },
];
