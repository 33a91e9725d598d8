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
  const others = [
    learners > 0 ? ` and ${count(learners, "learner")}` : "",
    bounds.joining > 0 ? ` and ${bounds.joining} to join` : "",
  ];
  const members = others.join("");
  const losing = bounds.loss
    ? "where losing a message is an action"
    : "where a message may never arrive";
  return [
    `${count(servers, "server")}${members}, ${count(terms, "term")}, ` +
      `logs of ${count(log, "entry", "entries")}, ${count(proposals, "proposal")}` +
      (bounds.sessions ? " of clients with sessions" : ""),
    `${bounds.network} network ${losing}, ${count(messages, "message")} in flight, ` +
      count(duplications, "duplication"),
    `${count(crashes, "crash", "crashes")}, ${bounds.storage} storage`,
    ...extras(bounds),
    `PreVote ${onOff(bounds.preVote)}, CheckQuorum ${onOff(bounds.checkQuorum)}, ` +
      `heartbeats ${onOff(bounds.heartbeats)}, window ${bounds.window}, batch ${bounds.batch}`,
  ];
}

/** What only some scopes look at. */
function extras(bounds: Bounds): readonly string[] {
  const { snapshots, changes, transfers, reads, campaigns, disconnections } = bounds;
  const phrases = [
    snapshots > 0 ? count(snapshots, "snapshot") : "",
    changes.length > 0 ? `changes to ${changes.join(" then ")}` : "",
    transfers > 0 ? count(transfers, "leadership transfer") : "",
    reads > 0 ? `${count(reads, "read")}${bounds.leaseReads ? " under leases" : ""}` : "",
    bounds.leaseReads ? `clocks ${bounds.clocks}` : "",
    campaigns > 0 ? `${count(campaigns, "campaign")} on request` : "",
    disconnections > 0 ? count(disconnections, "broken connection") : "",
    Number.isFinite(bounds.uncommitted) ? count(bounds.uncommitted, "uncommitted character") : "",
  ].filter((phrase) => phrase !== "");
  return phrases.length === 0 ? [] : [phrases.join(", ")];
}

function onOff(value: boolean): string {
  return value ? "on" : "off";
}
