/**
 * What only the journals of several servers tell together: one leader a term, one vote a term of
 * each server over all its runs, logs that agree, and no message that its sender never sent.
 */
import { lastIndex, type Message, type ServerId, termAt } from "../../kernel/index.ts";
import { entriesOf, payloadText } from "../../spec/index.ts";
import { encode } from "../canonical.ts";
import type { Host } from "./host.ts";
import { KeySet, keyOf } from "./key-set.ts";
import { LogFacts } from "./log-facts.ts";
import type { Observer, Transition } from "./replay.ts";
import { fail, type Place } from "./report.ts";

/** A message that came before its sender's journal was read. */
interface Awaited {
  readonly key: number;
  readonly place: Place;
  readonly message: Message;
}

/** A text for every message; the same where only the order of its fields is another. */
function textOf(message: Message): string {
  if (message.kind !== "append-entries-request") return encode(message);
  const { entries, ...envelope } = message;
  const parts = entries.map((it) => [it.index, it.term, payloadText(it)]);
  return JSON.stringify([encode(envelope), parts]);
}

export class ClusterFacts implements Observer {
  readonly logs = new LogFacts();
  /** Whom the servers name that have no journal here. */
  readonly strangers = new Set<ServerId>();
  readonly #servers: ReadonlySet<ServerId>;
  readonly #leaders = new Map<number, Place>();
  readonly #votes = new Map<string, { readonly candidate: ServerId; readonly place: Place }>();
  readonly #sent = new KeySet();
  #awaited: Awaited[] = [];
  elections = 0;
  votes = 0;
  restarts = 0;
  received = 0;

  /** Of the journals of `servers`, to be told one after the other. */
  constructor(servers: Iterable<ServerId>) {
    this.#servers = new Set(servers);
  }

  started(place: Place, _config: unknown, { disk }: Host, isFirst: boolean): void {
    const { snapshot, log } = disk;
    this.logs.snapshot(snapshot, place);
    // Later runs start with what this one, or a later one, was seen to write.
    if (isFirst) this.logs.hold(entriesOf(log), snapshot.lastTerm, place);
    else this.restarts++;
  }

  stepped(transition: Transition): void {
    const { event, sent, place } = transition;
    for (const message of sent) {
      this.#sent.add(keyOf(textOf(message)));
      this.#voted(message, place);
    }
    if (event.kind === "message") this.#receive(event.message, place);
    this.#wrote(transition);
    this.#commits(transition);
    this.#leads(transition);
  }

  /** What takes all journals: to be called once, after them. */
  finish(): void {
    for (const { key, place, message } of this.#awaited) {
      if (!this.#sent.has(key)) {
        fail("Messages Were Sent", `${message.from} never sent this`, place, message);
      }
    }
    this.#awaited = [];
    this.logs.finish();
  }

  /** A vote counts once it has left: what is lost in a crash before was never given (§3.8). */
  #voted(message: Message, place: Place): void {
    const isGiven = message.kind === "request-vote-response" && message.voteGranted;
    if (!isGiven && message.kind !== "request-vote-request") return;
    const candidate = isGiven ? message.to : message.from;
    const key = `${message.term} ${message.from}`;
    const known = this.#votes.get(key);
    if (known === undefined) {
      this.votes++;
      this.#votes.set(key, { candidate, place });
    } else if (known.candidate !== candidate) {
      const what = `a second vote in term ${message.term}: for ${candidate}, after one for`;
      fail("One Vote Per Term", `${what} ${known.candidate}`, place, message);
    }
  }

  #receive(message: Message, place: Place): void {
    if (!this.#servers.has(message.from)) {
      this.strangers.add(message.from);
      return;
    }
    this.received++;
    const key = keyOf(textOf(message));
    if (!this.#sent.has(key)) this.#awaited.push({ key, place, message });
  }

  #wrote({ effects, after, place }: Transition): void {
    for (const effect of effects) {
      if (effect.kind !== "persist") continue;
      const { entries, snapshot } = effect;
      if (snapshot !== null) this.logs.snapshot(snapshot, place);
      const [first] = entries;
      if (first === undefined) continue;
      const { log } = after.state;
      const isKnown = first.index - 1 >= log.entries.start;
      this.logs.hold(entries, isKnown ? termAt(log, first.index - 1) : null, place);
    }
  }

  #commits({ before, after, place }: Transition): void {
    const { log, commitIndex, currentTerm } = after.state;
    const from = Math.max(before.state.commitIndex, log.entries.start) + 1;
    for (let index = from; index <= commitIndex; index++) {
      this.logs.commit(index, termAt(log, index), currentTerm, place);
    }
  }

  #leads({ before, after, place }: Transition): void {
    const { role, currentTerm, log } = after.state;
    const isNew =
      role.kind === "leader" &&
      (before.state.role.kind !== "leader" || before.state.currentTerm !== currentTerm);
    if (!isNew) return;
    this.elections++;
    const other = this.#leaders.get(currentTerm);
    if (other !== undefined && other.server !== place.server) {
      const what = `a second leader of term ${currentTerm}: ${other.server} became it at`;
      fail("Election Safety", `${what} ${other.file}:${other.line}`, place);
    }
    this.#leaders.set(currentTerm, place);
    if (lastIndex(log) > 0) this.logs.elected(currentTerm, log, place);
  }
}
