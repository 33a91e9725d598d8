/** The service `Journal` on files. */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Schema from "effect/Schema";
import { Journal } from "../driver/services.ts";
import { makeDirectory } from "../storage/make-directory.ts";
import { previousRun } from "./previous-run.ts";
import { type JournalOptions, JournalWriter } from "./writer.ts";

/** The journal's directory cannot be used. It says which, and why. */
export class JournalError extends Schema.TaggedError<JournalError>()("JournalError", {
  message: Schema.String,
}) {}

/**
 * A journal in files of `options.directory`, of one run: see `docs/journal.md`. It is sealed when
 * the scope closes, which must be after the server has stopped. What fails to be written is thrown
 * from `flush`, and so stops the driver. Fails where the directory cannot be had.
 */
export function fileJournal(options: JournalOptions): Layer.Layer<Journal, JournalError> {
  const open = Effect.try({
    try: () => {
      makeDirectory(options.directory);
      return new JournalWriter(options, previousRun(options.directory, options.server));
    },
    catch: (error) =>
      new JournalError({
        message: `the journal directory ${options.directory}: ${(error as Error).message}`,
      }),
  });
  const close = (writer: JournalWriter): Effect.Effect<void> => Effect.sync(() => writer.close());
  return Layer.effect(
    Journal,
    Effect.map(Effect.acquireRelease(open, close), (writer) => ({
      started: (config, durable, state) => writer.started(config, durable, state),
      stepped: (event, state, effects) => writer.stepped(event, state, effects),
      flush: () => writer.flush(),
    })),
  );
}
