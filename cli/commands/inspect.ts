/** `quorate inspect DIR`: what a stopped server has on its disk, and whether it is good. */
import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import { StorageError } from "../../shell/driver/services.ts";
import { type Inspection, inspectStorage } from "../../shell/storage/index.ts";
import { word } from "../client-command.ts";
import { EXIT, UsageError } from "../exit-codes.ts";
import { switchFlag } from "../flags.ts";
import { jsonText } from "../json.ts";
import { printLines } from "../terminal.ts";

const parameters = {
  directory: word("dir", "The server's data directory"),
  json: switchFlag("json", "Print it as one JSON object"),
};

function linesOf(it: Inspection): readonly string[] {
  const { snapshot } = it;
  const { voters, learners } = snapshot.configuration;
  return [
    `server ${it.server} of cluster ${it.cluster}`,
    `  term ${it.currentTerm}, voted for ${it.votedFor ?? "nobody"}`,
    `  log ${it.firstIndex}-${it.lastIndex}, the last of term ${it.lastTerm}, ${it.logBytes} bytes`,
    `  begins after entry ${snapshot.lastIndex} of term ${snapshot.lastTerm}`,
    `    voters there: ${voters.join(", ") || "none"}; learners: ${learners.join(", ") || "none"}`,
    ...it.snapshots.map(
      ({ path, bytes, fault }) => `  ${path}: ${bytes} bytes, ${fault ?? "good"}`,
    ),
    `  ${it.writes} writes; ${it.records} records checked`,
    ...it.faults.map((fault) => `  FAULT ${fault}`),
    it.faults.length === 0 ? "good" : "this server cannot start",
  ];
}

/** The subcommand. */
export const command = Command.make("inspect", parameters, ({ directory, json }) =>
  Effect.try({
    try: () => {
      const inspection = inspectStorage(directory);
      printLines(json ? [jsonText(inspection)] : linesOf(inspection));
      if (inspection.faults.length > 0) process.exitCode = EXIT.violated;
    },
    catch: (error) => (error instanceof StorageError ? new UsageError(error.message) : error),
  }),
).pipe(
  Command.withDescription(
    "Check a stopped server's storage and print what it holds; exit code 1 where it is damaged",
  ),
);
