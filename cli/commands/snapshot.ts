/** `quorate snapshot`: a server stores a snapshot and shortens its log. */
import { clientCommand } from "../client-command.ts";

/** The subcommand. */
export const command = clientCommand(
  "snapshot",
  "Have a server store a snapshot now, and shorten its log",
  {},
  async ({ client }) => {
    const snapshot = await client.snapshot();
    const { lastIndex, lastTerm } = snapshot;
    return { text: `a snapshot up to entry ${lastIndex} of term ${lastTerm}`, json: snapshot };
  },
);
