/** From the flags of a subcommand to its work. */
import { TerminalCapabilities } from "effect/cli/TerminalCapabilities";
import * as Effect from "effect/Effect";

/** `run`, which is told whether colours can be shown, as an effect that fails as it rejects. */
export function work(run: (canColor: boolean) => Promise<void>): Effect.Effect<void, unknown> {
  return Effect.gen(function* () {
    const { canColor } = yield* TerminalCapabilities;
    yield* Effect.tryPromise({ try: () => run(canColor), catch: (error) => error });
  });
}
