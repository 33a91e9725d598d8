/** `quorate cluster`: a local cluster of real processes, for trying things out. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as Command from "effect/cli/Command";
import * as Effect from "effect/Effect";
import { makeDirectory } from "../../shell/storage/make-directory.ts";
import { ClusterProcesses } from "../cluster-processes.ts";
import { EXIT, UsageError } from "../exit-codes.ts";
import { limitFlag, switchFlag, textFlag } from "../flags.ts";
import { onInterruption } from "../interrupt.ts";
import { LOCAL_PORT, LOCAL_SERVERS } from "../local.ts";

/** Peers are heard so far above the ports of clients. */
const PEER_OFFSET = 1000;
const MAX_SERVERS = 9;

const parameters = {
  servers: limitFlag("servers", "N", `So many servers, n1, n2, ... (default: ${LOCAL_SERVERS})`),
  dataDir: textFlag(
    "data-dir",
    "DIR",
    "Keep the servers' data here (default: a new place, deleted at the end)",
  ),
  journal: textFlag("journal", "DIR", "Record all that happens here, for quorate audit"),
  port: limitFlag("port", "PORT", `The first server's port for clients (default: ${LOCAL_PORT})`),
  json: switchFlag("json", "Print what happens as JSON, an object a line"),
};

type Input = Command.Command.Config.Infer<typeof parameters>;

/** @throws UsageError where there can be no such directory. */
function made(given: string): string {
  const directory = resolve(given);
  try {
    makeDirectory(directory, 0o700);
  } catch (error) {
    throw new UsageError(`--data-dir: ${(error as Error).message}`);
  }
  return directory;
}

async function run(input: Input): Promise<void> {
  const servers = input.servers ?? LOCAL_SERVERS;
  const port = input.port ?? LOCAL_PORT;
  if (!Number.isInteger(servers) || servers > MAX_SERVERS) {
    throw new UsageError(`--servers: ${servers}: expected a whole number from 1 to ${MAX_SERVERS}`);
  }
  if (!Number.isInteger(port) || port + PEER_OFFSET + servers > 65_535) {
    throw new UsageError(
      `--port: ${port}: expected a port up to ${65_535 - PEER_OFFSET - servers}`,
    );
  }
  const { dataDir: given } = input;
  const directory = given === undefined ? mkdtempSync(join(tmpdir(), "quorate-")) : made(given);
  const interruption = onInterruption();
  const cluster = new ClusterProcesses({
    servers,
    port,
    peerPort: port + PEER_OFFSET,
    directory,
    journal: input.journal === undefined ? null : resolve(input.journal),
    json: input.json,
  });
  try {
    const stopped = new Promise<void>((done) => {
      interruption.signal.addEventListener("abort", () => done());
    });
    const isGood = await cluster.run(stopped);
    if (!isGood) process.exitCode = EXIT.failed;
  } finally {
    interruption.dispose();
    if (given === undefined) rmSync(directory, { recursive: true, force: true });
  }
}

/** The subcommand. */
export const command = Command.make("cluster", parameters, (input) =>
  Effect.tryPromise({ try: () => run(input), catch: (error) => error }),
).pipe(
  Command.withDescription(
    "Run a cluster of servers on this machine, each a process of its own\n\n" +
      "Servers speak plain TCP on loopback. One that dies is started again. Ctrl-C ends all.",
  ),
  Command.withExamples([
    { command: "quorate cluster --servers 3", description: "Three servers" },
    {
      command: "quorate cluster --data-dir data",
      description: "Three that find their data again next time",
    },
  ]),
);
