/** `quorate serve`: one server of the replicated key-value service. */
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { switchFlag } from "../flags.ts";
import { conductService } from "../serve-conduct.ts";
import { flagValues, readServe, SETTINGS, settingFlags } from "../serve-settings.ts";

const parameters = {
  settings: settingFlags(SETTINGS),
  config: Flag.String("config").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Settings as JSON: dataDir for --data-dir, and so on"),
    Flag.optional,
  ),
  json: switchFlag("json", "Print what happens as JSON, an object a line"),
};

/** The subcommand. A setting is taken from its flag, its QUORATE_ variable, or the file. */
export const command = Command.make("serve", parameters, ({ settings, config, json }) =>
  Effect.tryPromise({
    try: async () => {
      const file = Option.getOrNull(config);
      await conductService(readServe(flagValues(settings), process.env, file), json);
    },
    catch: (error) => error,
  }),
).pipe(
  Command.withDescription(
    "Run one server of the key-value service, until SIGTERM or SIGINT\n\n" +
      "Every setting is a flag, a variable (--data-dir: QUORATE_DATA_DIR) or a field of the file " +
      "(dataDir); the first of these that says something counts.\n\n" +
      "On SIGHUP a server with certificates reads their files again.",
  ),
  Command.withExamples([
    {
      command: "quorate serve --config n1.json",
      description: "A server as its file says",
    },
    {
      command:
        "quorate serve --id n1 --data-dir n1 --insecure" +
        " --members n1=127.0.0.1:9101@http://127.0.0.1:8101",
      description: "A cluster of one, on this machine",
    },
  ]),
);
