/** `quorate scopes`: the named scopes, with what each is for and its bounds. */
import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import { boundsPhrases } from "../../model-checker/render/bounds.ts";
import { scopes } from "../../model-checker/scopes.ts";
import { printLines } from "../terminal.ts";

function scopesLines(): readonly string[] {
  return scopes.flatMap(({ name, about, bounds }) => [
    `${name}: ${about}`,
    ...boundsPhrases(bounds).map((phrase) => `  ${phrase}`),
  ]);
}

/** The subcommand. */
export const command = Command.make("scopes", {}, () =>
  Effect.sync(() => printLines(scopesLines())),
).pipe(Command.withDescription("List the named scopes with their bounds"));
