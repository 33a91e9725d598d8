/**
 * Sessions as the thesis tells them (§6.3), by scanning a list: what the kernel's must agree with.
 */
import {
  parseSessionCommand,
  type SessionResponse,
  type withSessions,
} from "../../kernel/index.ts";
import { counter } from "./counter.ts";

interface OpenSession {
  readonly client: number;
  sequence: number;
  response: string | null;
  /** Position in the log of the last use. */
  lastUse: number;
}

/** In brief: `opened 1`, `answered x`, or the reason of a refusal. */
export type Brief = string;

/** A response of the kernel's, in brief. */
export function brief(response: SessionResponse<string>): Brief {
  if (response.kind === "opened") return `opened ${response.client}`;
  return response.kind === "answered" ? `answered ${response.response}` : response.reason;
}

/** The brief responses to `commands`, and what took effect, in order. */
export function sessionOracle(commands: readonly string[], maxSessions: number) {
  let open: OpenSession[] = [];
  let opened = 0;
  const effects: string[] = [];
  const responses = commands.map((text, position): Brief => {
    const command = parseSessionCommand(text);
    if (command.kind === "malformed") return "malformed";
    if (command.kind === "open") {
      if (open.length === maxSessions) {
        const first = Math.min(...open.map(({ lastUse }) => lastUse));
        open = open.filter(({ lastUse }) => lastUse !== first);
      }
      opened += 1;
      open.push({ client: opened, sequence: 0, response: null, lastUse: position });
      return `opened ${opened}`;
    }
    const session = open.find(({ client }) => client === command.client);
    if (session === undefined) return command.client > opened ? "unknown-session" : "expired";
    if (command.sequence < session.sequence) return "stale";
    session.lastUse = position;
    if (command.sequence > session.sequence) {
      effects.push(command.command);
      session.sequence = command.sequence;
      session.response = `${effects.length}:${command.command}`;
    }
    return `answered ${session.response}`;
  });
  return { responses, effects };
}

/** Whether sessions around the counter respond to `commands` as the oracle does. */
export function agreesWithOracle(
  commands: readonly string[],
  maxSessions: number,
  wrap: typeof withSessions,
): boolean {
  const machine = wrap(counter, { maxSessions });
  const { responses } = sessionOracle(commands, maxSessions);
  let state = machine.initial;
  return commands.every((command, i) => {
    const next = machine.apply(state, command, i + 1);
    state = next.state;
    return brief(next.response) === responses[i];
  });
}
