/** `quorate delete KEY`: removes a key. */
import { clientCommand, word } from "../client-command.ts";

/** The subcommand. */
export const command = clientCommand(
  "delete",
  "Remove a key",
  { key: word("key", "The key") },
  async ({ client }, { key }) => {
    const written = await client.delete(key);
    return { text: written.previous === 0 ? "was absent" : "deleted", json: written };
  },
);
