/** Operations on the cluster itself: its members (thesis §4), leadership, snapshots. */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import { type Configuration, type ServerId, snapshotParts } from "../../kernel/index.ts";
import { successorOf } from "../driver/hand-over.ts";
import { OutcomeUnknown, type Refused, type RequestError } from "../driver/server.ts";
import { type Address, addressCommand, addressFault } from "../machines/cluster.ts";
import { keyValueMachine } from "../machines/key-value.ts";
import { clusterBackup } from "./backup.ts";
import { Problem } from "./problem.ts";
import {
  type ApiAnswer,
  type ApiContext,
  type ApiRequest,
  done,
  fieldsOf,
  json,
  type KeyValueServer,
  leaderHint,
  malformed,
  momentOf,
  type Route,
} from "./route.ts";

type Answered = Effect.Effect<ApiAnswer, Problem | RequestError>;

/** A change of members waits for a learner to catch up, so it may take longer than a write. */
const timeout = 60_000;
const change = { role: "admin", changes: true, timeout } as const;

export const clusterRoutes: readonly Route[] = [
  { method: "GET", path: "/v1/status", role: "read", changes: false, run: status },
  { method: "GET", path: "/v1/members", role: "read", changes: false, run: members },
  { method: "POST", path: "/v1/members", ...change, run: add },
  { method: "POST", path: "/v1/members/:id/promote", ...change, run: promote },
  { method: "DELETE", path: "/v1/members/:id", ...change, run: remove },
  { method: "POST", path: "/v1/members/:id/replace", ...change, run: replace },
  { method: "POST", path: "/v1/transfer", ...change, run: transfer },
  {
    method: "POST",
    path: "/v1/snapshot",
    ...change,
    run: ({ server }) =>
      Effect.map(server.takeSnapshot, ({ lastIndex, lastTerm }) => json({ lastIndex, lastTerm })),
  },
  { method: "GET", path: "/v1/backup", role: "admin", changes: false, timeout, run: backup },
];

function status(context: ApiContext): Answered {
  const { server, disk } = context;
  return Effect.gen(function* () {
    const usage = yield* disk;
    const [state, { leaderId, ...fields }] = yield* momentOf(server);
    const { voters, outgoingVoters, learners } = fields.configuration;
    return json({
      ...fields,
      configuration: { voters, outgoingVoters, learners },
      leader: leaderHint(context, state, leaderId),
      ...(usage === null ? {} : { disk: usage }),
    });
  });
}

function members({ server }: ApiContext): Answered {
  return Effect.map(momentOf(server), ([state, { configuration }]) => {
    const { voters, outgoingVoters, learners } = configuration;
    const addresses = [...state.addresses].map(([id, address]) => ({ id, ...address }));
    return json({ voters, outgoingVoters, learners, addresses });
  });
}

interface Member extends Address {
  readonly id: ServerId;
}

function memberOf(request: ApiRequest): Effect.Effect<Member, Problem> {
  return Effect.flatMap(fieldsOf(request.body, ["id", "peer", "client"]), (fields) => {
    const missing = ["id", "peer", "client"].find((name) => fields[name] === undefined);
    const fault = missing === undefined ? addressFault(fields) : `${missing}: missing`;
    return fault === null ? Effect.succeed(fields as unknown as Member) : malformed(fault);
  });
}

/** The members in force, of this server if it leads. Fails where it does not. */
const ledMembers = (server: KeyValueServer): Effect.Effect<Configuration, RequestError> =>
  Effect.map(Effect.andThen(server.read, server.status), ({ configuration }) => configuration);

function address(
  server: KeyValueServer,
  id: ServerId,
  to: Address | null,
): Effect.Effect<void, Problem | RequestError> {
  return Effect.flatMap(server.propose(addressCommand(id, to)), (response) =>
    response.kind === "refused" ? malformed(response.detail) : Effect.void,
  );
}

function notFound(detail: string): Effect.Effect<never, Problem> {
  return Effect.fail(new Problem({ code: "not-found", detail }));
}

/** Enters the address first, so that the leader knows where to send what the learner lacks. */
function addLearner(server: KeyValueServer, { id, ...place }: Member) {
  return Effect.gen(function* () {
    const { voters, learners } = yield* ledMembers(server);
    yield* address(server, id, place);
    // Done already, maybe by an attempt whose outcome was unknown.
    if (voters.includes(id) || learners.includes(id)) return;
    yield* server.changeMembers({ voters, learners: [...learners, id] });
  });
}

function add({ server }: ApiContext, request: ApiRequest): Answered {
  return Effect.flatMap(memberOf(request), (member) => Effect.as(addLearner(server, member), done));
}

function promote({ server }: ApiContext, { params }: ApiRequest): Answered {
  const id = params["id"] as ServerId;
  return Effect.gen(function* () {
    const { voters, learners } = yield* ledMembers(server);
    if (voters.includes(id)) return done;
    if (!learners.includes(id)) return yield* notFound(`${id} is no learner`);
    yield* server.changeMembers({
      voters: [...voters, id],
      learners: learners.filter((other) => other !== id),
    });
    return done;
  });
}

function remove({ server }: ApiContext, { params }: ApiRequest): Answered {
  const id = params["id"] as ServerId;
  return Effect.gen(function* () {
    const { voters, learners } = yield* ledMembers(server);
    const others = (ids: readonly ServerId[]) => ids.filter((other) => other !== id);
    if (!voters.includes(id) && !learners.includes(id)) {
      return yield* notFound(`${id} is no member`);
    }
    if (voters.length === 1 && voters[0] === id) {
      return yield* malformed(`${id} is the only voter: it cannot be removed`);
    }
    yield* server.changeMembers({ voters: others(voters), learners: others(learners) });
    yield* forget(server, id);
    return done;
  });
}

/** The removal is done, whether or not the address goes: a leader that left leads no more. */
function forget(server: KeyValueServer, id: ServerId): Effect.Effect<void> {
  return id === server.id ? Effect.void : Effect.ignore(address(server, id, null));
}

const isBehind = (error: RequestError): boolean =>
  error._tag === "Refused" && error.reason === "not-caught-up";

/** How far a learner has come that did not catch up, and what can be done. */
function behind(server: KeyValueServer, { id, peer }: Member, old: ServerId) {
  return Effect.map(server.status, ({ peers, lastIndex }) => {
    const entries = peers.find((it) => it.id === id)?.matchIndex ?? 0;
    const has = `has ${entries} of ${lastIndex} entries so far`;
    const stays = `it stays a learner, which is sent the log, and ${old} a voter`;
    const look = `see that ${id} runs, is reached at ${peer} and reaches the others`;
    return `it ${has} and did not catch up in time: ${stays}; ${look}, then ask again or remove it`;
  });
}

/** Adds the new server, and lets it take the old one's place in one change once it has the log. */
function replace({ server }: ApiContext, request: ApiRequest): Answered {
  const old = request.params["id"] as ServerId;
  return Effect.gen(function* () {
    const startedAt = yield* Clock.currentTimeMillis;
    const member = yield* memberOf(request);
    if (member.id === old) return yield* malformed(`id: ${old} would replace itself`);
    const before = yield* ledMembers(server);
    if (!before.voters.includes(old)) return yield* notFound(`${old} is no voter`);
    yield* addLearner(server, member);
    const { voters, learners } = yield* ledMembers(server);
    const elapsed = (yield* Clock.currentTimeMillis) - startedAt;
    yield* server
      .changeMembers({
        voters: [...new Set([...voters.filter((id) => id !== old), member.id])],
        learners: learners.filter((id) => id !== member.id),
      })
      .pipe(
        Effect.retry({
          // It ends between attempts: one that was taken is waited for.
          schedule: Schedule.upTo(Schedule.spaced("50 millis"), {
            duration: Math.max(0, request.patience - elapsed),
          }),
          while: isBehind,
        }),
        // No definite failure: the learner is there.
        Effect.catch((error) =>
          Effect.gen(function* () {
            const why = isBehind(error) ? yield* behind(server, member, old) : error.message;
            const message = `${member.id} was added as a learner, then: ${why}`;
            return yield* new OutcomeUnknown({ message });
          }),
        ),
      );
    yield* forget(server, old);
    return done;
  });
}

/** Why `to` cannot lead next, of itself; null where the refusal has nothing to do with it. */
function whyNot({ reason }: Refused, to: ServerId, members: Configuration): Problem | null {
  if (reason === "already-leader")
    return new Problem({ code: reason, detail: `${to} leads already` });
  if (reason !== "not-a-voter") return null;
  const isLearner = members.learners.includes(to);
  const detail = isLearner ? `${to} is a learner, which does not vote` : `${to} is no member`;
  return new Problem({ code: reason, detail });
}

function transfer({ server }: ApiContext, request: ApiRequest): Answered {
  return Effect.gen(function* () {
    const fields = yield* fieldsOf(request.body ?? {}, ["to"]);
    const asked = fields["to"];
    if (asked !== undefined && typeof asked !== "string") {
      return yield* malformed("to: expected the name of a server");
    }
    yield* ledMembers(server);
    const status = yield* server.status;
    const to = asked ?? successorOf(status);
    if (to === null) {
      const detail = "there is no other voter";
      return yield* new Problem({ code: "not-a-voter", detail });
    }
    yield* server.transfer(to).pipe(
      Effect.catchTag("Refused", (error) => {
        return Effect.fail(whyNot(error, to, status.configuration) ?? error);
      }),
    );
    return json({ leader: to });
  });
}

function backup({ server, keyValueLimits }: ApiContext): Answered {
  return Effect.gen(function* () {
    yield* server.read;
    const [state, at] = yield* momentOf(server);
    const machine = keyValueMachine(keyValueLimits);
    const body = clusterBackup(state, at, (inner) => snapshotParts(machine, inner));
    return { body, contentType: "text/plain" };
  });
}
