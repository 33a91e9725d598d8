/** A call: attempts at servers until one is definite, or the deadline comes. */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type { Endpoints } from "./endpoints.ts";
import { Failed, type Repeat, Unknown, verdictOf } from "./outcome.ts";
import type { Outgoing, Send } from "./send.ts";

/** How calls are made. Milliseconds. */
export interface CallOptions {
  readonly send: Send;
  readonly endpoints: Endpoints;
  /** For a call, all attempts together. */
  readonly deadline: number;
  /** For one attempt: what takes longer is unknown, and may be tried elsewhere. */
  readonly attemptTimeout: number;
}

/** What the attempts of a call have come to so far. */
interface Progress {
  /** One of them may have taken effect. */
  isUnknown: boolean;
  /** One of the servers answered, whatever it said. */
  isAnswered: boolean;
  /** Why the latest did not succeed, or that it was not answered yet; null where none was made. */
  latest: string | null;
  /** When the call began, in milliseconds. */
  readonly startedAt: number;
}

/** Tells the retry to go on. */
class Again {
  readonly _tag = "Again";
}

/** Short at first, for an election takes a few hundred milliseconds, and never long. */
const backOff = Schedule.min([
  Schedule.exponential("10 millis"),
  Schedule.spaced("400 millis"),
]).pipe(Schedule.jittered);

/**
 * Makes a call; gives the body of its success. Fails only with what is certain: as `Failed` if no
 * attempt can have taken effect, and as `Unknown` otherwise.
 */
export function call(
  options: CallOptions,
  request: Outgoing,
  repeat: Repeat,
): Effect.Effect<unknown, Failed | Unknown> {
  return Effect.flatMap(Clock.currentTimeMillis, (startedAt) => {
    const progress: Progress = { isUnknown: false, isAnswered: false, latest: null, startedAt };
    return attemptOnce(options, request, repeat, progress).pipe(
      Effect.retry({ schedule: backOff, while: (error) => error._tag === "Again" }),
      Effect.timeoutOrElse({
        duration: options.deadline,
        orElse: () => Effect.fail(ended(progress, options)),
      }),
      // The schedule has no end of its own.
      Effect.catchTag("Again", () => Effect.fail(ended(progress, options))),
    );
  });
}

/** How a call ends that nobody has brought to an end in time. */
function ended(
  { isUnknown, isAnswered, latest }: Progress,
  { endpoints, deadline }: CallOptions,
): Failed | Unknown {
  const what = isAnswered ? "not done" : `no server of ${endpoints.urls.join(", ")} answered`;
  const message = `${what} within ${deadline / 1000} s${latest === null ? "" : `: ${latest}`}`;
  return isUnknown ? new Unknown({ message }) : new Failed({ code: "deadline", message });
}

/** One attempt; a server that names the leader sends it there at once, but not in circles. */
function attemptOnce(
  options: CallOptions,
  request: Outgoing,
  repeat: Repeat,
  progress: Progress,
  hops = 0,
): Effect.Effect<unknown, Failed | Unknown | Again> {
  return Effect.gen(function* () {
    const { endpoints } = options;
    const now = yield* Clock.currentTimeMillis;
    const url = endpoints.pick(now);
    const wasUnknown = progress.isUnknown;
    // Whoever interrupts the attempt does not know what becomes of it.
    progress.isUnknown = wasUnknown || repeat !== "harmless";
    progress.latest = `${url}: no answer yet`;
    // Some time before the end, so that what the server says then arrives.
    const remaining = progress.startedAt + options.deadline - now;
    const wait = Math.max(1, Math.floor((0.95 * remaining) / 1000));
    const outgoing = repeat === "harmful" ? { ...request, wait } : request;
    const attempt = yield* options.send(url, outgoing).pipe(
      Effect.timeoutOrElse({
        // What must not be sent again has nothing to gain from being given up early.
        duration: repeat === "harmful" ? options.deadline : options.attemptTimeout,
        orElse: () => Effect.succeed({ kind: "broken", detail: "no answer in time" } as const),
      }),
    );
    if (attempt.kind === "answer") {
      progress.isAnswered = true;
      endpoints.answered(url);
    } else endpoints.failed(url, yield* Clock.currentTimeMillis);
    const verdict = verdictOf(attempt);
    if (verdict.kind === "success") {
      if (repeat !== "harmless") endpoints.leads(url);
      return verdict.body;
    }
    progress.latest = `${url}: ${verdict.detail}`;
    if (verdict.kind === "unknown") {
      if (repeat !== "harmful") return yield* Effect.fail(new Again());
      return yield* new Unknown({ message: progress.latest });
    }
    progress.isUnknown = wasUnknown;
    if (verdict.kind === "refused") return yield* refused(progress, verdict);
    const isElsewhere = verdict.code === "not-leader" && endpoints.led(url, verdict.leader);
    if (!isElsewhere || hops >= 3) return yield* Effect.fail(new Again());
    return yield* attemptOnce(options, request, repeat, progress, hops + 1);
  });
}

/**
 * A command that was refused did not take effect by this attempt. Whether an earlier one did is
 * known only where this is the command's own response, stored by its session.
 */
function refused(
  progress: Progress,
  { code, detail }: { readonly code: string; readonly detail: string },
): Effect.Effect<never, Failed | Unknown> {
  if (code === "conflict") progress.isUnknown = false;
  if (!progress.isUnknown) return Effect.fail(new Failed({ code, message: detail }));
  return Effect.fail(
    new Unknown({ message: `${code}: ${detail}, after an attempt without answer` }),
  );
}
