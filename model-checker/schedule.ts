/**
 * The schedule syntax: one action a line, the same in scripts, counterexamples, simulator
 * failures and audits. A message is named `FROM TO KIND#N`: the N-th in flight of that kind on
 * that link, in the order of sending.
 */
import type { Message } from "../kernel/index.ts";
import { changeFault } from "./bounds.ts";
import { textOf } from "./canonical.ts";
import { type Action, PLAIN_ACTIONS, positionOf, type World } from "./world.ts";

/** The short name of a message kind: a request goes by the name of its RPC. */
export function messageName(message: Message): string {
  return message.kind.replace(/-request$/, "");
}

/** `FROM TO KIND#N` for a message in flight. */
export function referenceTo(world: World, message: Message): string {
  const text = textOf(message);
  const alike = world.network.messages.filter((other) => isAlike(other, message));
  const position = alike.findIndex((other) => textOf(other) === text);
  return `${message.from} ${message.to} ${messageName(message)}#${position + 1}`;
}

function isAlike(a: Message, b: Message): boolean {
  return a.from === b.from && a.to === b.to && a.kind === b.kind;
}

/** The line for `action`, which must be about to happen to `world`. */
export function formatAction(world: World, action: Action): string {
  switch (action.kind) {
    case "deliver":
    case "duplicate":
    case "drop":
      return `${action.kind} ${referenceTo(world, action.message)}`;
    case "partition":
      return `partition ${action.groups.map((group) => group.join(" ")).join(" | ")}`;
    case "heal":
      return "heal";
    case "propose":
      return `propose ${action.server} ${action.command}`;
    case "read":
      return `read ${action.server} ${action.read}`;
    case "configure":
      return `configure ${action.server} ${action.target}`;
    case "transfer":
    case "snapshot-sent":
    case "snapshot-failed":
    case "disconnect":
      return `${action.kind} ${action.server} ${action.peer}`;
    default:
      return `${action.kind} ${action.server}`;
  }
}

/** A line that is no action, or names something that is not there. */
export interface ScheduleFault {
  readonly fault: string;
}

/** Local actions that take a word after the server, and what it is. */
const WORDS = {
  propose: "a command",
  read: "a name for the read",
  configure: "the members, as in n1,n2,n3+n4",
  transfer: "a server",
  "snapshot-sent": "a server",
  "snapshot-failed": "a server",
  disconnect: "a server",
} as const;
const MESSAGE_KINDS = ["deliver", "duplicate", "drop"] as const;

function fault(text: string): ScheduleFault {
  return { fault: text };
}

/** The action that `line` means in `world`. */
export function parseAction(world: World, line: string): Action | ScheduleFault {
  const [verb = "", ...words] = line.trim().split(/\s+/);
  if (verb === "heal") return words.length === 0 ? { kind: "heal" } : fault("heal takes no words");
  if (verb === "partition") return parsePartition(world, words);
  const messageKind = MESSAGE_KINDS.find((kind) => kind === verb);
  if (messageKind !== undefined) {
    const message = parseReference(world, words);
    return "fault" in message ? message : { kind: messageKind, message };
  }
  return parseLocalAction(world, verb, words);
}

function parseLocalAction(
  world: World,
  verb: string,
  [server = "", word, ...rest]: readonly string[],
): Action | ScheduleFault {
  const plain = PLAIN_ACTIONS.find((kind) => kind === verb);
  const kind = (Object.keys(WORDS) as (keyof typeof WORDS)[]).find((it) => it === verb);
  if (plain === undefined && kind === undefined) return fault(unknownVerb(verb));
  if (positionOf(world, server) === -1) return fault(unknownServer(world, server));
  if (plain !== undefined) {
    if (word !== undefined) return fault(`${verb} takes one server, then nothing`);
    return { kind: plain, server };
  }
  if (kind === undefined || word === undefined || (rest.length > 0 && kind !== "propose")) {
    return fault(`${verb} takes a server and ${WORDS[kind ?? "propose"]}`);
  }
  switch (kind) {
    case "propose":
      return { kind, server, command: [word, ...rest].join(" ") };
    case "read":
      return { kind, server, read: word };
    case "configure": {
      const wrong = changeFault(world.bounds, word);
      return wrong === null ? { kind, server, target: word } : fault(`"${word}" ${wrong}`);
    }
    default:
      if (positionOf(world, word) === -1) return fault(unknownServer(world, word));
      return { kind, server, peer: word };
  }
}

function unknownVerb(verb: string): string {
  const known = [...PLAIN_ACTIONS, ...Object.keys(WORDS), ...MESSAGE_KINDS, "partition", "heal"];
  return `unknown action "${verb}"; known are ${known.join(", ")}`;
}

function unknownServer(world: World, name: string): string {
  return `there is no server "${name}"; there are ${world.configs.map(({ id }) => id).join(", ")}`;
}

function parsePartition(world: World, words: readonly string[]): Action | ScheduleFault {
  const groups = words
    .join(" ")
    .split("|")
    .map((group) => group.trim().split(/\s+/).filter(Boolean));
  const names = groups.flat();
  const stranger = names.find((name) => positionOf(world, name) === -1);
  if (stranger !== undefined) return fault(unknownServer(world, stranger));
  if (new Set(names).size !== names.length) return fault("a server is in two groups");
  if (groups.length < 2 || groups.some((group) => group.length === 0)) {
    return fault("partition takes groups of servers separated by |");
  }
  // Servers that no group names are each alone.
  const alone = world.configs.filter(({ id }) => !names.includes(id)).map(({ id }) => [id]);
  return { kind: "partition", groups: [...groups, ...alone] };
}

function parseReference(world: World, words: readonly string[]): Message | ScheduleFault {
  const [from, to, reference = "", ...rest] = words;
  const [name, ordinal = "1"] = reference.split("#");
  if (from === undefined || to === undefined || !name || rest.length > 0) {
    return fault("a message is named FROM TO KIND#N");
  }
  const { messages } = world.network;
  const link = messages.filter((message) => message.from === from && message.to === to);
  const alike = link.filter((message) => messageName(message) === name);
  const found = alike[Number(ordinal) - 1];
  if (found !== undefined) return found;
  const inFlight = link.map((message) => referenceTo(world, message)).join(", ") || "nothing";
  return fault(`no ${name}#${ordinal} is in flight from ${from} to ${to}; in flight: ${inFlight}`);
}
