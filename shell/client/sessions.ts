/**
 * A client's sessions (thesis §6.3). One has one command on its way at a time, for a number below
 * the latest is stale; so there are as many as commands on their way.
 */
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Option from "effect/Option";
import * as Semaphore from "effect/Semaphore";
import { Failed, type Unknown } from "./outcome.ts";

interface Session {
  readonly client: number;
  /** The number of its latest command. */
  sequence: number;
}

/** Makes a command of some session, by its `CLIENT.SEQUENCE`. */
export type WithSession = <A>(
  use: (idempotencyKey: string) => Effect.Effect<A, Failed | Unknown>,
) => Effect.Effect<A, Failed | Unknown>;

const isExpired = (error: Failed | Unknown): boolean =>
  error instanceof Failed && /^(session-expired|unknown-session)$/.test(error.code);

/**
 * At most `max` sessions, each opened by `open` when it is first needed. One that has expired is
 * replaced, and the command made once more, if it surely took no effect.
 */
export function makeSessions(
  open: Effect.Effect<number, Failed | Unknown>,
  max: number,
): WithSession {
  const idle: Session[] = [];
  const permits = Semaphore.makeUnsafe(max);
  const acquire = Effect.suspend(() => {
    const session = idle.pop();
    if (session !== undefined) return Effect.succeed(session);
    return Effect.map(open, (client): Session => ({ client, sequence: 0 }));
  });
  const attempt: WithSession = (use) =>
    Effect.flatMap(acquire, (session) => {
      session.sequence++;
      return use(`${session.client}.${session.sequence}`).pipe(
        // Also after an unknown outcome: the next number makes a late copy of this one stale.
        Effect.onExit((exit) =>
          Effect.sync(() => {
            const error = Exit.isFailure(exit) ? Cause.findErrorOption(exit.cause) : Option.none();
            if (!Option.exists(error, isExpired)) idle.push(session);
          }),
        ),
      );
    });
  return (use) =>
    permits.withPermit(attempt(use).pipe(Effect.retry({ while: isExpired, times: max })));
}
