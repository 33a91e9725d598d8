/** `quorate scopes`: the named scopes, with what each is for and its bounds. */
import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import { boundsPhrases } from "../../model-checker/render/bounds.ts";
import { scopes } from "../../model-checker/scopes.ts";
import { switchFlag } from "../flags.ts";
import { jsonText } from "../json.ts";
import { printLines } from "../terminal.ts";

function scopesLines(): readonly string[] {
  return scopes.flatMap(({ name, about, bounds }) => [
    `${name}: ${about}`,
    ...boundsPhrases(bounds).map((phrase) => `  ${phrase}`),
  ]);
}

const parameters = { json: switchFlag("json", "Print them as one JSON array") };

/** The subcommand. */
export const command = Command.make("scopes", parameters, ({ json }) =>
  Effect.sync(() => printLines(json ? [jsonText(scopes)] : scopesLines())),
).pipe(Command.withDescription("List the named scopes with their bounds"));
