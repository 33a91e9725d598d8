/**
 * What a pattern is written with: numbers, of which indexes and terms are replaced by others with
 * the same order and the same neighbours, and of the entries those only that can be told from
 * others. `pattern.ts` says why that is enough.
 */
import type { Configuration, Entry, LogIndex, ServerId, Term } from "../../kernel/index.ts";
import { sameEntry } from "../../spec/index.ts";

/** Farther apart than this, all indexes are alike: between two that are named, at most 2 stay. */
const INDEX_GAP = 3;
/** Farther apart than this, all terms are alike. */
const TERM_GAP = 2;
/** A pattern is a text, a number a character: larger ones have no room. */
const MAX_NUMBER = 0xffff;
/** Longer ones are rare, and too much for one call. */
const MAX_LENGTH = 20_000;

const PLAIN = 0;
const INDEX = 1;
const TERM = 2;

export const NO_OP = 0;
export const COMMAND = 1;
export const CONFIGURATION = 2;

/** Numbers that are mapped to smaller ones; 0 stays 0. */
class Scale {
  readonly #gap: number;
  #named: number[] = [0];
  #images: number[] = [];

  constructor(gap: number) {
    this.#gap = gap;
  }

  clear(): void {
    this.#named = [0];
  }

  name(n: number): void {
    // Most are named again and again.
    if (!this.#named.includes(n)) this.#named.push(n);
  }

  /** Ends the naming: gives what is named, in order. */
  settle(): readonly number[] {
    const named = this.#named.sort((a, b) => a - b);
    let image = 0;
    this.#images = named.map((n, i) => {
      if (i > 0) image += Math.min(n - (named[i - 1] as number), this.#gap);
      return image;
    });
    return named;
  }

  imageOf(n: number): number {
    return this.#images[this.#named.indexOf(n)] as number;
  }
}

export class PatternWriter {
  readonly #ids: ReadonlyMap<ServerId, number>;
  readonly #indexes = new Scale(INDEX_GAP);
  readonly #terms = new Scale(TERM_GAP);
  #numbers: number[] = [];
  #sorts: number[] = [];
  /** The first entry that was seen at each index, from `#first` on. */
  #entries: (Entry | undefined)[] = [];
  #first = 0;
  /** From where to where entries were first seen, as positions in `#entries`. */
  #seen: (readonly [from: number, to: number])[] = [];
  readonly #commands = new Map<string, number>();
  readonly #reads = new Map<string, number>();
  #isStrange = false;

  constructor(servers: Iterable<ServerId>) {
    this.#ids = new Map([...servers].map((id, i) => [id, i + 1]));
  }

  /** Begins a pattern whose logs have no entry up to `first`. */
  begin(first: LogIndex): void {
    this.#indexes.clear();
    this.#terms.clear();
    this.#numbers = [];
    this.#sorts = [];
    this.#entries = [];
    this.#seen = [];
    this.#first = first;
    this.#commands.clear();
    this.#reads.clear();
    this.#isStrange = false;
  }

  /** A number that stays as it is. */
  plain(n: number): void {
    this.#push(n, PLAIN);
  }

  flag(is: boolean): void {
    this.#push(is ? 1 : 0, PLAIN);
  }

  index(n: LogIndex): void {
    this.#indexes.name(n);
    this.#push(n, INDEX);
  }

  term(n: Term): void {
    this.#terms.name(n);
    this.#push(n, TERM);
  }

  /** A server, or null. */
  id(id: ServerId | null): void {
    const n = id === null ? 0 : this.#ids.get(id);
    if (n === undefined) this.#isStrange = true;
    this.#push(n ?? 0, PLAIN);
  }

  ids(ids: readonly ServerId[]): void {
    this.plain(ids.length);
    for (const id of ids) this.id(id);
  }

  /** The name of a read, which is any other's but for being the same or not. */
  read(name: string): void {
    this.#push(numberOf(this.#reads, name), PLAIN);
  }

  /** A command, likewise. */
  command(text: string): void {
    this.#push(numberOf(this.#commands, text), PLAIN);
  }

  configuration({ voters, outgoingVoters, learners }: Configuration): void {
    this.ids(voters);
    this.ids(outgoingVoters);
    this.ids(learners);
  }

  /** Entries in a row, after the one at `previous`. */
  entries(previous: LogIndex, entries: readonly Entry[]): void {
    this.index(previous);
    this.index(previous + entries.length);
    const start = previous - this.#first;
    let others = 0;
    let [from, to] = [-1, -1];
    const countAt = this.#numbers.length;
    this.plain(0);
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as Entry;
      if (entry.index !== previous + i + 1) this.#isStrange = true;
      const known = this.#entries[start + i];
      if (known === entry) continue;
      if (known === undefined) {
        this.#entries[start + i] = entry;
        if (from === -1) from = start + i;
        to = start + i;
      } else if (!sameEntry(known, entry)) {
        others++;
        this.index(entry.index);
        this.#entry(entry);
      }
    }
    this.#numbers[countAt] = others;
    if (from !== -1) this.#seen.push([from, to]);
  }

  /**
   * The pattern: first the entries that stay, then all that was written. null where it has no room
   * for that, or where something is not as it should be: a server that is no member, an entry that
   * is not at its index.
   */
  end(): string | null {
    const rest = { numbers: this.#numbers, sorts: this.#sorts };
    this.#numbers = [];
    this.#sorts = [];
    this.#nameBoundaries();
    this.#kept(this.#indexes.settle());
    this.#terms.settle();
    if (this.#isStrange || this.#numbers.length + rest.numbers.length > MAX_LENGTH) return null;
    const start = this.#encode(this.#numbers, this.#sorts);
    const end = this.#encode(rest.numbers, rest.sorts);
    return start === null || end === null ? null : start + end;
  }

  /** A character for each number. */
  #encode(numbers: number[], sorts: readonly number[]): string | null {
    let most = 0;
    for (let i = 0; i < numbers.length; i++) {
      const sort = sorts[i];
      if (sort === INDEX) numbers[i] = this.#indexes.imageOf(numbers[i] as number);
      else if (sort === TERM) numbers[i] = this.#terms.imageOf(numbers[i] as number);
      if ((numbers[i] as number) > most) most = numbers[i] as number;
    }
    return most > MAX_NUMBER ? null : String.fromCharCode.apply(null, numbers);
  }

  #push(n: number, sort: number): void {
    this.#numbers.push(n);
    this.#sorts.push(sort);
  }

  #entry({ term, payload }: Entry): void {
    this.term(term);
    if (payload.kind === "no-op") this.plain(NO_OP);
    else if (payload.kind === "command") {
      this.plain(COMMAND);
      this.command(payload.command);
    } else {
      this.plain(CONFIGURATION);
      this.configuration(payload.configuration);
    }
  }

  /** Where terms change, and configurations, are told from what is around them. */
  #nameBoundaries(): void {
    for (const [from, to] of this.#seen) {
      // A part may end where another that was seen before begins.
      let before = this.#entries[from - 1];
      for (let i = from; i <= to + 1; i++) {
        const entry = this.#entries[i];
        if (entry === undefined) break;
        const isBoundary =
          entry.payload.kind === "configuration" ||
          (before !== undefined && before.term !== entry.term);
        if (isBoundary) this.#indexes.name(this.#first + i + 1);
        before = entry;
      }
    }
  }

  /** Of the entries seen, those that are named or next to such; none is a hole. */
  #kept(named: readonly LogIndex[]): void {
    let last = 0;
    let count = 0;
    this.plain(count);
    const keep = (index: LogIndex): void => {
      last = index;
      const entry = this.#entries[index - this.#first - 1];
      this.flag(entry !== undefined);
      if (entry !== undefined) this.#entry(entry);
      count++;
    };
    for (const index of named) {
      if (index - last >= INDEX_GAP) {
        keep(last + 1);
        last = index - 2;
      }
      while (last < index) keep(last + 1);
    }
    this.#numbers[0] = count;
  }
}

function numberOf(numbers: Map<string, number>, text: string): number {
  let n = numbers.get(text);
  if (n === undefined) {
    n = numbers.size;
    numbers.set(text, n);
  }
  return n;
}
