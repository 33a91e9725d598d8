/** What the subcommands that ask a running cluster have in common. */
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import {
  type ClientOptions,
  Failed,
  makePromiseClient,
  type PromiseClient,
  Unknown,
} from "../shell/client/index.ts";
import { authorityFault } from "../shell/transport/certificates.ts";
import { EXIT, UsageError } from "./exit-codes.ts";
import { limitFlag, switchFlag, textFlag } from "./flags.ts";
import { LOCAL_PORT, LOCAL_SERVERS, localUrls } from "./local.ts";
import { readGiven } from "./read-file.ts";
import { paint } from "./terminal.ts";
import { work } from "./work.ts";

const clientFlags = {
  endpoints: textFlag(
    "endpoints",
    "URLS",
    "Servers, with commas (QUORATE_ENDPOINTS; default: a local cluster)",
  ),
  tokenFile: textFlag(
    "token-file",
    "FILE",
    "Holds the bearer token (or QUORATE_TOKEN is the token)",
  ),
  ca: textFlag("ca", "FILE", "The authority of the servers' certificates (QUORATE_CA)"),
  deadline: limitFlag("deadline", "SECONDS", "Give up after this time (default: 10)"),
  json: switchFlag("json", "Print the outcome as one JSON object"),
};

type ClientInput = Command.Command.Config.Infer<typeof clientFlags>;

/** What a command has to say: to people, and to programs. */
export interface Said {
  readonly text: string;
  readonly json: unknown;
  /** The exit code; 0 unless given. */
  readonly code?: number;
  /** What people are told beside it, on stderr. */
  readonly note?: string;
}

/** What a command works with. */
export interface ClientContext {
  readonly client: PromiseClient;
  /** For a client of one server alone. */
  readonly clientOf: (url: string) => PromiseClient;
  readonly emphasise: ReturnType<typeof paint>;
}

/** A positional argument. */
export function word(name: string, about: string): Argument.Argument<string> {
  return Argument.String(name).pipe(
    Argument.withMetavar(name.toUpperCase()),
    Argument.withDescription(about),
  );
}

/** Null: the default. */
function endpointsOf(input: ClientInput): string | null {
  return input.endpoints ?? process.env["QUORATE_ENDPOINTS"] ?? null;
}

function optionsOf(input: ClientInput): ClientOptions {
  const endpoints = endpointsOf(input);
  const { tokenFile: file } = input;
  const token = file === undefined ? process.env["QUORATE_TOKEN"] : readGiven(file).trim();
  const ca = input.ca ?? process.env["QUORATE_CA"];
  return {
    endpoints:
      endpoints === null
        ? localUrls(LOCAL_SERVERS, LOCAL_PORT)
        : endpoints.split(",").map((url) => url.trim()),
    deadline: Math.ceil((input.deadline ?? 10) * 1000),
    ...(token === undefined ? {} : { token }),
    ...(ca === undefined ? {} : { ca: authorityIn(ca, input.ca ? "--ca" : "QUORATE_CA") }),
  };
}

/** An authority's certificate: of what is none, Node would say nothing and trust nobody. */
function authorityIn(file: string, namedBy: string): string {
  const ca = readGiven(file, namedBy);
  const fault = authorityFault(ca);
  if (fault !== null) throw new UsageError(`${namedBy}: ${file}: ${fault}`);
  return ca;
}

/** Runs with a client; the exit code tells a definite failure from an unknown outcome. */
async function conduct(
  input: ClientInput,
  canColor: boolean,
  name: string,
  run: (context: ClientContext) => Promise<Said>,
): Promise<void> {
  const options = optionsOf(input);
  const clients: PromiseClient[] = [];
  const make = (more: Partial<ClientOptions>): PromiseClient => {
    try {
      const client = makePromiseClient({ ...options, ...more });
      clients.push(client);
      return client;
    } catch (error) {
      throw error instanceof RangeError ? new UsageError(error.message) : error;
    }
  };
  const emphasise = paint(canColor);
  try {
    const clientOf = (url: string): PromiseClient => make({ endpoints: [url] });
    const { text, json, code, note } = await run({ client: make({}), clientOf, emphasise });
    if (input.json) process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
    else if (text !== "") process.stdout.write(`${text}\n`);
    if (note !== undefined && !input.json) process.stderr.write(`quorate ${name}: ${note}\n`);
    process.exitCode = code ?? EXIT.ok;
  } catch (error) {
    process.exitCode = answerTo(error, name, input);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

function answerTo(error: unknown, name: string, input: ClientInput): number {
  const isDefinite = error instanceof Failed;
  if (error instanceof RangeError) throw new UsageError(error.message);
  if (!isDefinite && !(error instanceof Unknown)) throw error;
  const code = isDefinite ? error.code : "outcome-unknown";
  const { message } = error;
  if (input.json)
    process.stdout.write(`${JSON.stringify({ error: { code, message } }, null, 2)}\n`);
  const what = isDefinite ? `${message} (${code})` : `it may have happened or not: ${message}`;
  process.stderr.write(`quorate ${name}: ${what}\n`);
  if (code === "deadline" && endpointsOf(input) === null) {
    process.stderr.write("(quorate cluster starts servers here; --endpoints names others)\n");
  }
  return isDefinite ? EXIT.failed : EXIT.unknown;
}

/** A subcommand that asks a cluster. */
export function clientCommand<const C extends Command.Command.Config>(
  name: string,
  about: string,
  parameters: C,
  run: (context: ClientContext, input: Command.Command.Config.Infer<C>) => Promise<Said>,
): Command.Command.Any {
  return Command.make(name, { client: clientFlags, input: parameters }, (all) =>
    work((canColor) => {
      const { client, input } = all as unknown as {
        client: ClientInput;
        input: Command.Command.Config.Infer<C>;
      };
      return conduct(client, canColor, name, (context) => run(context, input));
    }),
  ).pipe(Command.withDescription(about));
}
