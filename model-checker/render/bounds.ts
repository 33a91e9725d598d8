/** Bounds in words: a result without its bounds is not a result. */
import type { Bounds } from "../bounds.ts";
import { counted } from "./words.ts";

function count(value: number, one: string, many = `${one}s`): string {
  if (value === Number.POSITIVE_INFINITY) return `unlimited ${many}`;
  return value === 0 ? `no ${many}` : counted(value, one, many);
}

/** Everything that `bounds` say, as phrases that can be joined or set one a line. */
export function boundsPhrases(bounds: Bounds): readonly string[] {
  const { servers, learners, terms, log, proposals, messages, crashes, duplications } = bounds;
  const members = learners > 0 ? ` and ${count(learners, "learner")}` : "";
  const losing = bounds.loss
    ? "where losing a message is an action"
    : "where a message may never arrive";
  return [
    `${count(servers, "server")}${members}, ${count(terms, "term")}, ` +
      `logs of ${count(log, "entry", "entries")}, ${count(proposals, "proposal")}`,
    `${bounds.network} network ${losing}, ${count(messages, "message")} in flight, ` +
      count(duplications, "duplication"),
    `${count(crashes, "crash", "crashes")}, ${bounds.storage} storage`,
    `PreVote ${onOff(bounds.preVote)}, CheckQuorum ${onOff(bounds.checkQuorum)}, ` +
      `heartbeats ${onOff(bounds.heartbeats)}, window ${bounds.window}, batch ${bounds.batch}`,
  ];
}

function onOff(value: boolean): string {
  return value ? "on" : "off";
}
