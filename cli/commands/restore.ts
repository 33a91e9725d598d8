/** `quorate restore FILE`: the directory of a server of a new cluster, from a backup. */
import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import { StorageError } from "../../shell/driver/services.ts";
import { restoreBackup } from "../../shell/storage/index.ts";
import { word } from "../client-command.ts";
import { UsageError } from "../exit-codes.ts";
import { switchFlag } from "../flags.ts";
import { flagValues, PLACE_SETTINGS, readPlace, settingFlags } from "../serve-settings.ts";

const parameters = {
  file: word("file", "What quorate backup wrote"),
  settings: settingFlags(PLACE_SETTINGS),
  json: switchFlag("json", "Print the outcome as one JSON object"),
};

/** The subcommand. */
export const command = Command.make("restore", parameters, ({ file, settings, json }) =>
  Effect.tryPromise({
    try: async () => {
      const { id, cluster, dataDir, members } = readPlace(flagValues(settings), process.env);
      const snapshot = await restoreBackup(file, {
        directory: dataDir,
        cluster,
        server: id,
        founding: { voters: [...members.keys()], outgoingVoters: [], learners: [] },
      });
      const text = `${dataDir}: server ${id} of cluster ${cluster} begins with ${file}`;
      const { lastIndex } = snapshot;
      process.stdout.write(
        `${json ? JSON.stringify({ id, cluster, dataDir, lastIndex }) : text}\n`,
      );
    },
    catch: (error) => (error instanceof StorageError ? new UsageError(error.message) : error),
  }),
).pipe(
  Command.withDescription(
    "Make the data directory of a server of a new cluster, which begins with a backup\n\n" +
      "Run it for each server with the same --members and --cluster, the name of a new cluster.",
  ),
);
