/**
 * What the logs of all servers say of each index: by the term and the entry before, which entry
 * it is (Log Matching, thesis §3.5); and which was committed (State Machine Safety, §3.6.3). A few
 * numbers an index: the entries themselves are not kept.
 */
import {
  type Configuration,
  type Entry,
  type Log,
  lastIndex,
  type Snapshot,
} from "../../kernel/index.ts";
import { payloadText } from "../../spec/index.ts";
import { knownTerm } from "./host.ts";
import { keyOf } from "./key-set.ts";
import { fail, type Place } from "./report.ts";

const BLOCK = 1024;

/** Numbers by index; 0 where none was set. Room is taken for what is set: a log may begin late. */
class Column {
  readonly #blocks = new Map<number, Float64Array>();

  get(index: number): number {
    return this.#blocks.get(Math.floor(index / BLOCK))?.[index % BLOCK] ?? 0;
  }

  set(index: number, value: number): void {
    const at = Math.floor(index / BLOCK);
    let block = this.#blocks.get(at);
    if (block === undefined) {
      block = new Float64Array(BLOCK);
      this.#blocks.set(at, block);
    }
    block[index % BLOCK] = value;
  }

  /** The numbers that are not 0, with their indexes: not in order. */
  *entries(): Generator<readonly [index: number, value: number]> {
    for (const [at, block] of this.#blocks) {
      for (let i = 0; i < BLOCK; i++) {
        const value = block[i] as number;
        if (value !== 0) yield [at * BLOCK + i, value];
      }
    }
  }
}

/** The members, in words; founders may be given in any order. */
function membersText({ voters, outgoingVoters, learners }: Configuration): string {
  const [now, before, others] = [voters, outgoingVoters, learners].map((it) =>
    it.toSorted().join(),
  );
  return `voters ${now}${before && ` (before: ${before})`}${others && `, learners ${others}`}`;
}

/** A leader's log at its election: for each term that it has entries of, where they begin. */
interface Election {
  readonly place: Place;
  readonly term: number;
  readonly log: Log;
}

export class LogFacts {
  /** The first entry seen at each index; others, of other terms, are in `#others`. */
  readonly #terms = new Column();
  readonly #keys = new Column();
  readonly #others = new Map<string, number>();
  readonly #committedTerm = new Column();
  /** The earliest term in which the entry was known to be committed. */
  readonly #committedIn = new Column();
  readonly #elections: Election[] = [];
  readonly #snapshots: { readonly snapshot: Snapshot; readonly place: Place }[] = [];
  /** The configuration that snapshots of an index carry; of index 0 the founding one. */
  readonly #configurations = new Map<number, { readonly text: string; readonly place: Place }>();
  entries = 0;
  committed = 0;
  checkedSnapshots = 0;

  /** A log holds `entries`, of which the first follows an entry of `previousTerm`. */
  hold(entries: readonly Entry[], previousTerm: number | null, place: Place): void {
    let before = previousTerm;
    for (const entry of entries) {
      if (before !== null) this.#holdOne(entry, before, place);
      before = entry.term;
    }
  }

  #holdOne(entry: Entry, previousTerm: number, place: Place): void {
    const { index, term } = entry;
    this.entries++;
    const key = keyOf(`${previousTerm} ${payloadText(entry)}`);
    const first = this.#terms.get(index);
    if (first === 0) {
      this.#terms.set(index, term);
      this.#keys.set(index, key);
      return;
    }
    const other = first === term ? this.#keys.get(index) : this.#others.get(`${index} ${term}`);
    if (other === undefined) this.#others.set(`${index} ${term}`, key);
    else if (other !== key) {
      const what = `entry ${index} of term ${term} is another one, or follows another one,`;
      fail("Log Matching", `${what} than in a log that was read before`, place);
    }
  }

  /** A server that is in `currentTerm` knows that this is committed. */
  commit(index: number, term: number, currentTerm: number, place: Place): void {
    const known = this.#committedTerm.get(index);
    if (known === 0) {
      this.#committedTerm.set(index, term);
      this.#committedIn.set(index, currentTerm);
      this.committed = Math.max(this.committed, index);
    } else if (known !== term) {
      const what = `entry ${index} is committed here with term ${term}`;
      fail("State Machine Safety", `${what}, and elsewhere with term ${known}`, place);
    } else if (currentTerm < this.#committedIn.get(index)) {
      this.#committedIn.set(index, currentTerm);
    }
  }

  elected(term: number, log: Log, place: Place): void {
    this.#elections.push({ term, log, place });
  }

  snapshot(snapshot: Snapshot, place: Place): void {
    const { lastIndex: index, configuration } = snapshot;
    if (index > 0) this.#snapshots.push({ snapshot, place });
    // Who waits to be added knows none.
    if (configuration.voters.length === 0) return;
    const text = membersText(configuration);
    const known = this.#configurations.get(index);
    if (known === undefined) this.#configurations.set(index, { text, place });
    else if (known.text !== text) {
      const what = index === 0 ? "the cluster was founded" : `a snapshot stands for entry ${index}`;
      const other = `and with ${known.text} at ${known.place.file}:${known.place.line}`;
      fail("Snapshots Are Committed", `${what} with ${text} here, ${other}`, place);
    }
  }

  /** What takes all servers' journals: to be called once, after them. */
  finish(): void {
    for (const { snapshot, place } of this.#snapshots) {
      const { lastIndex: index, lastTerm } = snapshot;
      const term = this.#committedTerm.get(index);
      if (term === 0) continue;
      this.checkedSnapshots++;
      if (term === lastTerm) continue;
      const what = `a snapshot stands for entry ${index} of term ${lastTerm}, and the one`;
      fail("Snapshots Are Committed", `${what} committed is of term ${term}`, place);
    }
    const ends = this.#commitEnds();
    for (const election of this.#elections) this.#isComplete(election, ends);
  }

  /** For each term, the last index that was committed in it. */
  #commitEnds(): ReadonlyMap<number, number> {
    const ends = new Map<number, number>();
    for (const [index, term] of this.#committedIn.entries()) {
      if (index > (ends.get(term) ?? 0)) ends.set(term, index);
    }
    return ends;
  }

  /** Leader Completeness (§3.6.3): by Log Matching, who has the last such entry has them all. */
  #isComplete({ term, log, place }: Election, ends: ReadonlyMap<number, number>): void {
    let index = 0;
    for (const [committedIn, end] of ends) if (committedIn < term) index = Math.max(index, end);
    const expected = this.#committedTerm.get(index);
    const isHeld = index <= lastIndex(log) && [expected, null].includes(knownTerm(log, index));
    if (isHeld) return;
    const what = `the leader of term ${term} lacks entry ${index} of term ${expected}`;
    fail("Leader Completeness", `${what}, which was committed in an earlier term`, place);
  }
}
