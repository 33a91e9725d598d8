/** `quorate cas KEY VALUE --expected OLD`: writes a key if it is as expected. */
import type { Expectation } from "../../shell/client/index.ts";
import { clientCommand, word } from "../client-command.ts";
import { UsageError } from "../exit-codes.ts";
import { switchFlag, textFlag } from "../flags.ts";

const parameters = {
  key: word("key", "The key"),
  value: word("value", "What it shall hold"),
  expected: textFlag("expected", "VALUE", "Only if it holds this"),
  revision: textFlag("revision", "N", "Only if its last change was this one"),
  absent: switchFlag("absent", "Only if there is no such key"),
};

/** @throws UsageError unless exactly one of the three was asked for. */
function expectation(
  expected: string | undefined,
  revision: string | undefined,
  absent: boolean,
): Expectation {
  const given = [expected !== undefined, revision !== undefined, absent].filter(Boolean);
  if (given.length !== 1) throw new UsageError("give one of --expected, --revision and --absent");
  if (expected !== undefined) return { expected };
  if (revision === undefined) return { expected: null };
  if (!/^\d{1,15}$/.test(revision)) throw new UsageError(`--revision: ${revision} is no number`);
  return { expectedRevision: Number(revision) };
}

/** The subcommand. */
export const command = clientCommand(
  "cas",
  "Compare and set: write a key only if it is as expected; exit code 4 where it is not",
  parameters,
  async ({ client }, { key, value, expected, revision, absent }) => {
    const only = expectation(expected, revision, absent);
    const written = await client.compareAndSet(key, value, only);
    return { text: `revision ${written.revision}`, json: written };
  },
);
