/**
 * What an action changed, in words: a line per server that changed, then what was sent, lost,
 * ignored and rejected.
 */
import type { Message, ReadName, RejectEffect, Snapshot } from "../../kernel/index.ts";
import { entriesOf, spanOf } from "../../spec/index.ts";
import type { Bounds } from "../bounds.ts";
import { encode } from "../canonical.ts";
import type { Process, Up } from "../process.ts";
import type { Action, World, WorldStep } from "../world.ts";
import { entriesText, messageText, snapshotText } from "./words.ts";

/** One thing to know of a server. `usual`: not worth a word when it is new. */
interface Fact {
  readonly name: string;
  readonly value: string;
  readonly usual?: string;
}

const NONE = "none";

/** The lines that say what `action` changed. Never empty. */
export function changesOf(before: World, action: Action, outcome: WorldStep): readonly string[] {
  const { world, broken, server } = outcome;
  const lines = world.processes.flatMap((process, position) => {
    const previous = before.processes[position];
    const changed = previous === undefined ? [] : differences(previous, process, world.bounds);
    return changed.length === 0 ? [] : [`${process.id}: ${changed.join(", ")}`];
  });
  lines.push(...remarks(outcome), ...sentLines(before, action, outcome));
  lines.push(...lost(before, action, world).map((message) => `lost: ${envelope(message)}`));
  if (broken !== null) lines.push(`${server}: the kernel contradicts itself: ${broken}`);
  return lines.length === 0 ? ["nothing changes"] : lines;
}

function envelope(message: Message): string {
  return `${message.from} -> ${message.to}: ${messageText(message)}`;
}

function differences(before: Process, after: Process, bounds: Bounds): readonly string[] {
  if (before === after) return [];
  const known = new Map(factsOf(before, bounds).map(({ name, value }) => [name, value]));
  return factsOf(after, bounds).flatMap(({ name, value, usual }) => {
    const previous = known.get(name);
    if (previous === value || (previous === undefined && value === usual)) return [];
    const change = previous === undefined ? value : `${previous} -> ${value}`;
    return name === "role" ? change : `${name} ${change}`;
  });
}

function factsOf(process: Process, bounds: Bounds): readonly Fact[] {
  const { currentTerm, votedFor, entries, snapshot } = process.durable;
  if (process.kind === "up") return factsOfUp(process, bounds);
  return [
    { name: "role", value: "down" },
    { name: "term", value: String(currentTerm) },
    { name: "votedFor", value: votedFor ?? NONE },
    ...factsOfBase(snapshot),
    { name: "log", value: entriesText(entries) },
  ];
}

/** Where a log begins, once that is no longer the beginning. */
function factsOfBase(base: Snapshot): readonly Fact[] {
  return base.lastIndex === 0 ? [] : [{ name: "base", value: snapshotText(base) }];
}

function factsOfUp(process: Up, bounds: Bounds): readonly Fact[] {
  const { state } = process;
  const { role } = state;
  const votes = "votesGranted" in role ? role.votesGranted.join(" ") || NONE : NONE;
  return [
    { name: "role", value: role.kind },
    { name: "term", value: String(state.currentTerm) },
    { name: "votedFor", value: state.votedFor ?? NONE },
    ...factsOfBase(spanOf(state).base),
    { name: "log", value: entriesText(entriesOf(state.log)) },
    { name: "commit", value: String(state.commitIndex), usual: "0" },
    { name: "leader", value: state.leaderId ?? NONE, usual: NONE },
    { name: "leader contact", value: state.leaderContact ? "yes" : "no", usual: "no" },
    ...("votesGranted" in role ? [{ name: "votes", value: votes, usual: NONE }] : []),
    ...(bounds.storage === "asynchronous" ? factsOfDisk(process) : []),
    ...factsOfPeers(process),
    ...factsOfRequests(process),
  ];
}

/** What is asked of a server and not yet done. */
function factsOfRequests({ state: { role } }: Up): readonly Fact[] {
  if (role.kind === "follower") {
    return [{ name: "reads asked", value: role.reads.join(" ") || NONE, usual: NONE }];
  }
  if (role.kind !== "leader") return [];
  const { round, waiting, lease } = role.reads;
  const running = round === null ? NONE : `${namesText(round.reads)} from ${round.index} on`;
  return [
    { name: "hands over to", value: role.transferTo ?? NONE, usual: NONE },
    { name: "reads in the round", value: running, usual: NONE },
    { name: "reads waiting", value: namesText(waiting), usual: NONE },
    { name: "lease", value: lease ? "held" : NONE, usual: NONE },
  ];
}

function namesText(names: readonly ReadName[]): string {
  return names.map(({ origin, read }) => `${read} of ${origin}`).join(" ") || NONE;
}

function factsOfDisk({ durable, stream, state: { role } }: Up): readonly Fact[] {
  const vote = `term ${durable.currentTerm} votedFor ${durable.votedFor ?? NONE}`;
  const stored = `${vote} log ${entriesText(durable.entries)}`;
  const writes = stream.filter(({ kind }) => kind === "persist").length;
  const counted = role.kind === "leader" ? role.durableIndex : 0;
  return [
    { name: "stored", value: `(${stored})`, usual: `(${stored})` },
    { name: "writes in progress", value: String(writes), usual: "0" },
    { name: "messages waiting", value: String(stream.length - writes), usual: "0" },
    { name: "counts itself up to", value: String(counted), usual: "0" },
  ];
}

function factsOfPeers({ state: { role } }: Up): readonly Fact[] {
  if (role.kind !== "leader") return [];
  return role.progress.flatMap(({ id, matchIndex, nextIndex, mode, inFlight, active }) => [
    { name: `match ${id}`, value: String(matchIndex), usual: "0" },
    { name: `next ${id}`, value: String(nextIndex), usual: String(nextIndex) },
    { name: `mode ${id}`, value: mode, usual: "probe" },
    {
      name: `in flight ${id}`,
      value: inFlight.map((it) => it.lastIndex).join(" ") || NONE,
      usual: NONE,
    },
    { name: `heard ${id}`, value: active ? "yes" : "no", usual: "no" },
  ]);
}

/** What the kernel says of its input. */
function remarks({ server, steps }: WorldStep): readonly string[] {
  // That a write completed matters to few: its remarks would be noise.
  const effects = steps.flatMap((step) => (step.event.kind === "persisted" ? [] : step.effects));
  return effects.flatMap((effect) => {
    if (effect.kind === "reject") return [`${server} rejects ${nounOf(effect)}: ${effect.reason}`];
    if (effect.kind === "read-ready")
      return [`${server} answers ${effect.read} at ${effect.index}`];
    if (effect.kind === "install-snapshot") {
      return [`${server} installs the ${snapshotText(effect.snapshot)}`];
    }
    if (effect.kind !== "ignored") return [];
    const detail = effect.detail === "" ? "" : ` (${effect.detail})`;
    return [`${server} ignores it: ${effect.reason}${detail}`];
  });
}

const NOUNS: Readonly<Record<RejectEffect["request"], string>> = {
  propose: "the proposal",
  "propose-configuration": "the change",
  read: "the read",
  "transfer-leadership": "the transfer",
  campaign: "the campaign",
};

function nounOf({ request, read }: RejectEffect): string {
  return read === null ? NOUNS[request] : `${NOUNS[request]} ${read}`;
}

/** What was sent, a line for each thing said, with all to whom it was said. */
function sentLines(before: World, action: Action, outcome: WorldStep): readonly string[] {
  const receivers = new Map<string, string[]>();
  for (const message of outcome.sent) {
    const text = messageText(message) + fate(before, action, outcome.world, message);
    receivers.set(text, [...(receivers.get(text) ?? []), message.to]);
  }
  return [...receivers].map(([text, names]) => `${outcome.server} -> ${names.join(" ")}: ${text}`);
}

function fate(before: World, action: Action, after: World, message: Message): string {
  const text = encode(message);
  const isCopy = (other: Message): boolean => encode(other) === text;
  if (!after.network.messages.some(isCopy)) return " (lost)";
  const arrived = action.kind === "deliver" && isCopy(action.message);
  const isNew = arrived || !before.network.messages.some(isCopy);
  return after.network.discipline === "fifo" || isNew ? "" : " (already in flight)";
}

/** The messages in flight that the action loses. */
function lost(before: World, action: Action, after: World): readonly Message[] {
  if (action.kind === "drop") return [action.message];
  if (action.kind !== "partition") return [];
  const kept = new Set(after.network.messages);
  return before.network.messages.filter((message) => !kept.has(message));
}
