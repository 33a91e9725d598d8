/** `quorate get KEY`: what a key holds. */
import * as Flag from "effect/cli/Flag";
import { clientCommand, word } from "../client-command.ts";
import { EXIT } from "../exit-codes.ts";

const parameters = {
  key: word("key", "The key"),
  consistency: Flag.Literals("consistency", ["linearizable", "lease", "stale"]).pipe(
    Flag.withMetavar("KIND"),
    Flag.withDescription("linearizable (default); lease: by a leader's clock; stale: may be old"),
    Flag.withDefault("linearizable" as const),
  ),
};

/** The subcommand. */
export const command = clientCommand(
  "get",
  "Print what a key holds; exit code 1 where it is absent",
  parameters,
  async ({ client }, { key, consistency }) => {
    const found = await client.get(key, { consistency });
    if (found === null) {
      return { text: "", json: null, code: EXIT.violated, note: "the key is absent" };
    }
    return { text: found.value, json: found };
  },
);
