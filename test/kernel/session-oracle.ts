/**
 * Sessions as the thesis tells them (§6.3), by scanning a list: what the kernel's must agree with.
 */
import { parseSessionCommand } from "../../kernel/index.ts";

interface OpenSession {
  readonly client: number;
  sequence: number;
  response: string | null;
  /** Position in the log of the last use. */
  lastUse: number;
}

/** In brief: `opened 1`, `answered x`, or the reason of a refusal. */
export type Brief = string;

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
