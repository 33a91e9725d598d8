/** Which server to ask: the leader where it is known, and none that has failed lately. */

/** How a server did: after `threshold` failures in a row it rests, longer each time. */
interface Circuit {
  failures: number;
  restsUntil: number;
}

const threshold = 3;
/** Milliseconds of the first rest; each is twice as long as the last, up to the longest. */
const shortestRest = 250;
const longestRest = 10_000;

/** The servers that a client knows. Times are in milliseconds. */
export class Endpoints {
  readonly #circuits = new Map<string, Circuit>();
  #leader: string | null = null;
  #next = 0;

  /** Throws RangeError where one is no `http:` or `https:` URL, or there is none. */
  constructor(urls: readonly string[]) {
    if (urls.length === 0) throw new RangeError("endpoints: expected at least one URL");
    for (const [at, url] of urls.entries()) {
      const origin = originOf(url);
      if (origin === null) throw new RangeError(`endpoints[${at}]: ${url} is no http(s) URL`);
      this.#circuits.set(origin, { failures: 0, restsUntil: 0 });
    }
  }

  get urls(): readonly string[] {
    return [...this.#circuits.keys()];
  }

  /** The one to ask at `now`. */
  pick(now: number): string {
    const rests = (url: string) => (this.#circuits.get(url) as Circuit).restsUntil;
    if (this.#leader !== null && rests(this.#leader) <= now) return this.#leader;
    const all = [...this.#circuits.keys()];
    const turn = this.#next++;
    const inTurn = all.map((_, at) => all[(turn + at) % all.length] as string);
    // Where all rest, the one that does so for the shortest time.
    return (
      inTurn.find((url) => rests(url) <= now) ??
      inTurn.reduce((best, url) => (rests(url) < rests(best) ? url : best))
    );
  }

  /** `url` answered, whatever it said. */
  answered(url: string): void {
    this.#circuits.set(url, { failures: 0, restsUntil: 0 });
  }

  /** `url` did not answer. The next try after a rest decides whether it rests again. */
  failed(url: string, now: number): void {
    const circuit = this.#circuits.get(url) as Circuit;
    circuit.failures++;
    if (this.#leader === url) this.#leader = null;
    if (circuit.failures < threshold) return;
    const rest = shortestRest * 2 ** Math.min(10, circuit.failures - threshold);
    circuit.restsUntil = now + Math.min(longestRest, rest);
  }

  /**
   * `from` says that `url` leads, or that it does not know who does. True if there is somewhere
   * else to go at once. A token is never carried from https to http.
   */
  led(from: string, url: string | null): boolean {
    const origin = url === null ? null : originOf(url);
    const isSafe = origin !== null && !(from.startsWith("https:") && origin.startsWith("http:"));
    this.#leader = isSafe && origin !== from ? origin : null;
    if (this.#leader === null) return false;
    if (!this.#circuits.has(this.#leader)) this.answered(this.#leader);
    return true;
  }

  /** `url` did what only a leader does. */
  leads(url: string): void {
    this.#leader = url;
  }
}

function originOf(url: string): string | null {
  const parsed = URL.parse(url);
  return parsed !== null && /^https?:$/.test(parsed.protocol) ? parsed.origin : null;
}
