/** `quorate list [PREFIX]`: keys in order, with what they hold. */
import * as Argument from "effect/cli/Argument";
import * as Option from "effect/Option";
import { clientCommand, word } from "../client-command.ts";
import { limitFlag } from "../flags.ts";

const parameters = {
  prefix: Argument.optional(word("prefix", "What keys begin with (default: all)")),
  limit: limitFlag("limit", "N", "So many at most (default: all)"),
};

/** The subcommand. */
export const command = clientCommand(
  "list",
  "Print keys in order, each with what it holds",
  parameters,
  async ({ client }, { prefix, limit = Number.POSITIVE_INFINITY }) => {
    const items: Awaited<ReturnType<typeof client.list>>["items"][number][] = [];
    const start = Option.getOrElse(prefix, () => "");
    for (let after: string | null | undefined; after !== null && items.length < limit; ) {
      const page = await client.list({
        prefix: start,
        limit: Math.min(1000, limit - items.length),
        ...(after === undefined ? {} : { after }),
      });
      items.push(...page.items);
      after = page.next;
    }
    return { text: items.map(({ key, value }) => `${key}\t${value}`).join("\n"), json: items };
  },
);
