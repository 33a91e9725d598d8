/** `quorate transfer [ID]`: another server leads. */
import * as Argument from "effect/cli/Argument";
import * as Option from "effect/Option";
import { clientCommand, word } from "../client-command.ts";

const parameters = {
  to: Argument.optional(word("id", "Who shall lead (default: the voter that lacks least)")),
};

/** The subcommand. */
export const command = clientCommand(
  "transfer",
  "Hand leadership over, and print who leads then",
  parameters,
  async ({ client }, { to }) => {
    const leader = await client.transfer(Option.getOrUndefined(to));
    return { text: `${leader} leads`, json: { leader } };
  },
);
