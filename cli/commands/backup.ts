/** `quorate backup FILE`: the keys of a running cluster in one file. */

import { StorageError } from "../../shell/driver/services.ts";
import { snapshotOfBackup } from "../../shell/service/backup.ts";
import { saveBackup } from "../../shell/storage/index.ts";
import { clientCommand, word } from "../client-command.ts";
import { UsageError } from "../exit-codes.ts";
import { clusterFlag } from "../serve-settings.ts";

const parameters = { file: word("file", "The new file"), cluster: clusterFlag };

/** The subcommand. */
export const command = clientCommand(
  "backup",
  "Write what the cluster holds to a file, from which quorate restore founds another",
  parameters,
  async ({ client }, { file, cluster }) => {
    const { snapshot, data } = snapshotOfBackup(await client.backup());
    try {
      await saveBackup(file, cluster, snapshot, data);
    } catch (error) {
      throw error instanceof StorageError ? new UsageError(error.message) : error;
    }
    const { lastIndex, lastTerm } = snapshot;
    const text = `${file}: all up to entry ${lastIndex} of term ${lastTerm}, ${data.length} bytes`;
    return { text, json: { file, lastIndex, lastTerm, bytes: data.length } };
  },
);
