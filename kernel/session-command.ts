/**
 * Commands of client sessions as text, the form in which the log carries them. Thesis §6.3: a
 * client registers, and then sends its identifier and a serial number with every command.
 *
 *   open-session
 *   session CLIENT SEQUENCE COMMAND
 *
 * CLIENT and SEQUENCE are whole numbers from 1 without leading zeros; COMMAND is the rest, as it
 * is. One text for each command, and one command at most for each text.
 */

/** The command that opens a session; the response names its client. */
export const openSession = "open-session";

/** What a text is as a command of a session. */
export type SessionCommand =
  | { readonly kind: "open" }
  | CommandOfClient
  | { readonly kind: "malformed"; readonly fault: string };

interface CommandOfClient {
  readonly kind: "command";
  readonly client: number;
  readonly sequence: number;
  readonly command: string;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

/**
 * The text of command number `sequence` of `client`, which `open-session` named. Throws
 * RangeError unless both are whole numbers from 1.
 */
export function sessionCommand(client: number, sequence: number, command: string): string {
  for (const [name, value] of Object.entries({ client, sequence })) {
    if (!isCount(value)) throw new RangeError(`${name}: ${value} is not a whole number from 1`);
  }
  return `session ${client} ${sequence} ${command}`;
}

/** The command that `text` is; `malformed`, with what is wrong, where it is none. */
export function parseSessionCommand(text: string): SessionCommand {
  if (text === openSession) return { kind: "open" };
  const parts = /^session ([^ ]*) ([^ ]*) (.*)$/s.exec(text);
  if (parts === null) {
    const start = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
    return malformed(`expected open-session or session CLIENT SEQUENCE COMMAND, got ${start}`);
  }
  const [, clientText = "", sequenceText = "", command = ""] = parts;
  const client = countOf(clientText);
  if (client === null) return malformed(notCount("CLIENT", clientText));
  const sequence = countOf(sequenceText);
  if (sequence === null) return malformed(notCount("SEQUENCE", sequenceText));
  return { kind: "command", client, sequence, command };
}

function malformed(fault: string): SessionCommand {
  return { kind: "malformed", fault };
}

function notCount(name: string, text: string): string {
  return `${name} ${JSON.stringify(text)} is not a whole number from 1 without leading zeros`;
}

function countOf(text: string): number | null {
  const value = Number(text);
  return /^[1-9][0-9]*$/.test(text) && isCount(value) ? value : null;
}
