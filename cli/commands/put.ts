/** `quorate put KEY VALUE`: writes a key. */
import { clientCommand, word } from "../client-command.ts";

const parameters = { key: word("key", "The key"), value: word("value", "What it shall hold") };

/** The subcommand. */
export const command = clientCommand(
  "put",
  "Write a key, and print its revision",
  parameters,
  async ({ client }, { key, value }) => {
    const written = await client.put(key, value);
    return { text: `revision ${written.revision}`, json: written };
  },
);
