/** A first look over all journals: what a check of steps must know before it begins. */
import { type Configuration, type KernelConfig, noConfiguration } from "../../kernel/index.ts";
import { type JournalFile, linesOf, type RawLine } from "./files.ts";
import type { Header } from "./format.ts";
import { AuditInputError } from "./report.ts";
import { startFault } from "./shape.ts";

/** What the journals name. Nothing of it is trusted: the replay checks every line. */
export interface Survey {
  readonly cluster: string;
  /** Every server that is or was to be a member, sorted. */
  readonly members: readonly string[];
  readonly founding: Configuration;
  readonly configs: readonly KernelConfig[];
}

const NAMES = /"(?:voters|outgoingVoters|learners)":(\[[^\]]*\])/g;

/**
 * Reads all files once. After each line it is told whether that is enough: then it gives what it
 * knows so far.
 * @throws AuditInputError where the first file has no header to say which cluster it is of.
 */
export function* survey(
  servers: ReadonlyMap<string, readonly JournalFile[]>,
): Generator<void, Survey, boolean> {
  const members = new Set(servers.keys());
  const headers: Header[] = [];
  for (const { text, number } of linesOfAll(servers)) {
    if (text !== null && number === 1) headers.push(...headerOf(text));
    if (text?.includes('"voters":')) for (const name of namesIn(text)) members.add(name);
    if (yield) break;
  }
  const [first] = headers;
  if (first === undefined) {
    const [path] = [...servers.values()].flat().map((file) => file.path);
    throw new AuditInputError(`${path}:1: no header of a journal`);
  }
  const starts = headers.flatMap(({ start }) =>
    start === null || startFault(start) !== null ? [] : [start],
  );
  const founders = starts.map(({ durable }) => durable.snapshot);
  const founding =
    founders.find((it) => it.lastIndex === 0 && it.configuration.voters.length > 0) ?? founders[0];
  return {
    cluster: first.cluster,
    members: [...members].sort(),
    founding: founding?.configuration ?? noConfiguration,
    configs: starts.map(({ config }) => config),
  };
}

function* linesOfAll(servers: ReadonlyMap<string, readonly JournalFile[]>): Generator<RawLine> {
  for (const files of servers.values()) for (const { path } of files) yield* linesOf(path);
}

function headerOf(text: string): readonly Header[] {
  try {
    const header = JSON.parse(text) as Header;
    return typeof header.cluster === "string" ? [header] : [];
  } catch {
    return [];
  }
}

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(NAMES)].flatMap(([, names = "[]"]) => {
    try {
      return (JSON.parse(names) as unknown[]).filter((it) => typeof it === "string");
    } catch {
      return [];
    }
  });
}
