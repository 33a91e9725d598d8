/**
 * Interaction scripts: protocol runs that can be read without reading code. A script is
 *
 *     # A title and what to look at.
 *     bound servers 3
 *     durable n1 term 2 vote none log 1 1:a 2
 *
 *     timeout n1
 *     ----
 *     what that changed
 *
 * Commands are the actions of the schedule syntax, and
 *
 *     deliver-all [SERVERS]      deliver in the order of sending, among SERVERS if given
 *     show SERVERS | logs | network
 *     quietly COMMAND            without saying what it changed
 *     expect SERVER FIELD VALUE  role, term, vote, leader, commit, log or stored
 *
 * Bounds that a script does not set are as wide as possible; PreVote and CheckQuorum are off,
 * as in the paper. In a log, `2` is a no-op of term 2 and `2:a` a command. Every step of every
 * script evaluates all properties, and a violation fails the script.
 */
import type { Durable, Entry, Message } from "../../kernel/index.ts";
import {
  type Bounds,
  boundsFault,
  defaultBounds,
  foundingDurable,
} from "../../model-checker/bounds.ts";
import { violationOf } from "../../model-checker/evaluate.ts";
import { isDeliverable } from "../../model-checker/network.ts";
import { start } from "../../model-checker/process.ts";
import { changesOf } from "../../model-checker/render/changes.ts";
import { entryText, messageText } from "../../model-checker/render/words.ts";
import { formatAction, parseAction } from "../../model-checker/schedule.ts";
import { boundLabel, boundNames, parseBound } from "../../model-checker/trace.ts";
import {
  type Action,
  initialWorld,
  perform,
  positionOf,
  quietly,
  type World,
  type WorldStep,
} from "../../model-checker/world.ts";
import { entriesOf } from "../../spec/index.ts";

const UNBOUNDED = Number.POSITIVE_INFINITY;

/** As much as possible may happen. */
const scriptBounds: Bounds = {
  ...defaultBounds,
  terms: UNBOUNDED,
  log: UNBOUNDED,
  proposals: UNBOUNDED,
  messages: UNBOUNDED,
  crashes: UNBOUNDED,
  duplications: UNBOUNDED,
  loss: true,
  preVote: false,
  checkQuorum: false,
  window: UNBOUNDED,
  batch: UNBOUNDED,
};

/** A script while it runs. */
interface Run {
  world: World;
  readonly output: string[];
  /** Told of every step, for tests that look at more than a script says. */
  readonly observe: (outcome: WorldStep) => void;
}

/** The script with the output that its commands have now. Throws where it is wrong. */
export function runScript(text: string, observe: Run["observe"] = () => {}): string {
  const paragraphs = text.trimEnd().split("\n\n");
  const isBlock = (paragraph: string): boolean => paragraph.split("\n").includes("----");
  const head = paragraphs.filter((paragraph) => !isBlock(paragraph)).join("\n");
  const run: Run = { world: worldOf(head), output: [], observe };
  const results = paragraphs.map((it) => (isBlock(it) ? runBlock(run, it) : it));
  return `${results.join("\n\n")}\n`;
}

function isComment(line: string): boolean {
  return line.startsWith("#");
}

function runBlock(run: Run, block: string): string {
  const lines = block.split("\n");
  const input = lines.slice(0, lines.indexOf("----"));
  const commands = input.filter((line) => line.trim() !== "" && !isComment(line));
  const before = run.output.length;
  for (const command of commands) {
    try {
      runCommand(run, command, commands.length > 1);
    } catch (error) {
      throw new Error(`"${command}": ${error instanceof Error ? error.message : error}`);
    }
  }
  const output = run.output.slice(before);
  return [...input, "----", ...(output.length === 0 ? ["as expected"] : output)].join("\n");
}

/** The world that the lines outside blocks describe. */
function worldOf(head: string): World {
  const lines = head.split("\n").filter((line) => line.trim() !== "" && !isComment(line));
  const words = lines.map((line) => line.trim().split(/\s+/));
  const bounds = words.filter(([word]) => word === "bound").reduce(withBound, scriptBounds);
  const fault = boundsFault(bounds);
  if (fault !== null) throw new Error(fault);
  const world = words.reduce(withDurable, initialWorld(bounds));
  const violation = violationOf(quietly(world));
  if (violation !== null) throw new Error(`the start violates ${violation}`);
  return world;
}

function withBound(bounds: Bounds, [, label = "", text = ""]: readonly string[]): Bounds {
  const name = boundNames.find((candidate) => boundLabel(candidate) === label);
  const value = name === undefined ? null : parseBound(name, text);
  if (name === undefined || value === null) throw new Error(`no bound: ${label} ${text}`);
  return { ...bounds, [name]: value };
}

function withDurable(world: World, words: readonly string[]): World {
  if (words[0] === "bound") return world;
  const [word, server = "", term, currentTerm, vote, votedFor = "", log, ...entries] = words;
  const position = positionOf(world, server);
  const config = world.configs[position];
  const isShaped = word === "durable" && term === "term" && vote === "vote" && log === "log";
  if (!isShaped || config === undefined) throw new Error(`not understood: ${words.join(" ")}`);
  const durable: Durable = {
    ...foundingDurable(world.bounds, server),
    currentTerm: Number(currentTerm),
    votedFor: votedFor === "none" ? null : votedFor,
    entries: entries.map(parseEntry),
  };
  return { ...world, processes: world.processes.with(position, start(config, durable)) };
}

function parseEntry(text: string, position: number): Entry {
  const [term, command] = text.split(":");
  const payload: Entry["payload"] =
    command === undefined ? { kind: "no-op" } : { kind: "command", command };
  return { index: position + 1, term: Number(term), payload };
}

function runCommand(run: Run, command: string, isOneOfMany: boolean): void {
  const [verb = "", ...words] = command.trim().split(/\s+/);
  if (verb === "quietly") {
    const said = run.output.length;
    runCommand(run, words.join(" "), isOneOfMany);
    run.output.length = said;
    return;
  }
  if (verb === "deliver-all") return deliverAll(run, words);
  if (verb === "show") return void run.output.push(...words.flatMap((word) => show(run, word)));
  if (verb === "expect") return expectField(run, words);
  const action = parseAction(run.world, command);
  if ("fault" in action) throw new Error(action.fault);
  runAction(run, action, isOneOfMany);
}

/** Lets `action` happen and writes down what it changed, under its own line if `isEchoed`. */
function runAction(run: Run, action: Action, isEchoed: boolean): void {
  const before = run.world;
  const outcome = perform(before, action);
  const lines =
    "refused" in outcome ? [`refused: ${outcome.refused}`] : changesOf(before, action, outcome);
  if (isEchoed) run.output.push(formatAction(before, action));
  run.output.push(...lines.map((line) => (isEchoed ? `  ${line}` : line)));
  if ("refused" in outcome) return;
  run.world = outcome.world;
  run.observe(outcome);
  const violation = violationOf(outcome);
  if (violation !== null) throw new Error(`this violates ${violation}`);
}

function deliverAll(run: Run, names: readonly string[]): void {
  const stranger = names.find((name) => positionOf(run.world, name) === -1);
  if (stranger !== undefined) throw new Error(`there is no server ${stranger}`);
  const isAmong = ({ from, to }: Message): boolean =>
    names.length === 0 || (names.includes(from) && names.includes(to));
  for (;;) {
    const { network, processes } = run.world;
    const message = network.messages.find(
      (candidate, i) =>
        isAmong(candidate) &&
        isDeliverable(network, i) &&
        processes[positionOf(run.world, candidate.to)]?.kind === "up",
    );
    if (message === undefined) return;
    runAction(run, { kind: "deliver", message }, true);
  }
}

function show({ world }: Run, what: string): readonly string[] {
  if (what === "network") {
    const messages = world.network.messages.map(
      (message) => `${message.from} -> ${message.to}: ${messageText(message)}`,
    );
    return messages.length === 0 ? ["nothing is in flight"] : messages;
  }
  if (what === "logs") {
    return world.configs.map(({ id }) => {
      const fields = fieldsOf(world, id);
      const role = fields["role"] === "leader" ? "leader" : "";
      const commit = `${fields["commit"]}`.padEnd(4);
      return `${id} ${role.padEnd(6)} commit ${commit} log ${fields["log"]}`;
    });
  }
  const { role, term, vote, leader, commit, log, stored } = fieldsOf(world, what);
  const line = `${what}: ${role}, term ${term}, vote ${vote}, leader ${leader}, commit ${commit}`;
  return [`${line}, log ${log}`, ...(stored === log ? [] : [`  stored ${stored}`])];
}

/** What scripts can ask of a server. What only a running one has is `none` on one that is down. */
function fieldsOf(world: World, server: string): Readonly<Record<string, string>> {
  const process = world.processes[positionOf(world, server)];
  if (process === undefined) throw new Error(`there is no server ${server}`);
  const stored = logText(process.durable.entries);
  if (process.kind === "down") {
    const { currentTerm, votedFor } = process.durable;
    const vote = votedFor ?? "none";
    const [role, leader, commit] = ["down", "none", "none"];
    return { role, term: `${currentTerm}`, vote, leader, commit, log: stored, stored };
  }
  const { state } = process;
  return {
    role: state.role.kind,
    term: String(state.currentTerm),
    vote: state.votedFor ?? "none",
    leader: state.leaderId ?? "none",
    commit: String(state.commitIndex),
    log: logText(entriesOf(state.log)),
    stored,
  };
}

function logText(entries: readonly Entry[]): string {
  return entries.length === 0 ? "empty" : entries.map(entryText).join(" ");
}

function expectField({ world }: Run, [server = "", field = "", ...value]: readonly string[]): void {
  const found = fieldsOf(world, server)[field];
  if (found === undefined) throw new Error(`a server has no ${field}`);
  const wanted = value.join(" ");
  if (found !== wanted) throw new Error(`the ${field} of ${server} is ${found}, not ${wanted}`);
}
