/**
 * `scenario.ts namespaces|proxies DIR`: a cluster whose network breaks in every way there is, with
 * clients that note what they see in DIR/history.jsonl, and journals in DIR/journals. Says what it
 * does; the exit code is 1 where a server broke a promise. `scenario.ts probe` only makes the
 * namespaces.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomNumbers } from "../../random-numbers.ts";
import { Load, leaderOf, request } from "../load.ts";
import { Namespaces } from "./namespaces.ts";
import { IDS, type Link, type Network } from "./network.ts";
import { Proxies } from "./proxies.ts";
import { startServers, stopServers, TOKEN } from "./servers.ts";

type Pair = readonly [from: string, to: string];

interface Status {
  readonly id: string;
  readonly role: string;
  readonly term: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly lastIndex: number;
  readonly snapshotIndex: number;
  readonly leader: { readonly id: string } | null;
}

const PAIRS: readonly Pair[] = IDS.flatMap((from) =>
  IDS.filter((to) => to !== from).map((to) => [from, to] as const),
);
/** What `id` sends to the others, and what they send to it. */
const sentBy = (id: string): readonly Pair[] => PAIRS.filter(([from]) => from === id);
const sentTo = (id: string): readonly Pair[] => PAIRS.filter(([, to]) => to === id);

const say = (text: string): void => console.log(text);

class Scenario {
  readonly #network: Network;
  readonly #load: Load;

  constructor(network: Network, load: Load) {
    this.#network = network;
    this.#load = load;
  }

  async run(): Promise<void> {
    await this.#load.progress(20);
    await this.#deposes("nothing passes in either direction", (id) => [
      ...sentBy(id),
      ...sentTo(id),
    ]);
    await this.#deposes("it is not heard, but hears", sentBy);
    await this.#deposes("it is heard, but does not hear", sentTo);
    await this.#followerIsDeaf();
    await this.#flaps(30);
    await this.#isThin();
    await this.#fallsBehindTheLog();
  }

  #set(pairs: readonly Pair[], link: Link): void {
    for (const [from, to] of pairs) this.#network.set(from, to, link);
  }

  #url(id: string): string {
    return this.#network.urls[IDS.indexOf(id)] as string;
  }

  async #leader(not = ""): Promise<string> {
    return leaderOf(
      this.#network.urls.filter((url) => url !== this.#url(not)),
      not,
      TOKEN,
    );
  }

  async #status(id: string): Promise<Status> {
    for (;;) {
      const url = `${this.#url(id)}/v1/status`;
      const reply = await request("GET", url, undefined, TOKEN);
      if (reply.status === 200) return reply.body as unknown as Status;
    }
  }

  /** Waits until the status of `id` is as it should be. */
  async #when(id: string, holds: (status: Status) => boolean): Promise<Status> {
    for (;;) {
      const status = await this.#status(id);
      if (holds(status)) return status;
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** A leader that cannot lead: the others elect, it learns so by itself, and promises nothing. */
  async #deposes(what: string, broken: (leader: string) => readonly Pair[]): Promise<void> {
    const old = await this.#leader();
    say(`${old} leads, and of what it and the others send each other ${what}`);
    this.#set(broken(old), "silent");
    const cut = this.#load.events.length;
    const next = await this.#leader(old);
    say(`${next} leads; ${old} is to step down`);
    await this.#when(old, ({ role }) => role !== "leader");
    await this.#load.progress(20);
    await this.#answersNothing(old, cut);
    await this.#heals();
  }

  /** Nothing that was asked of `id` from event `since` on, while it is cut off, has succeeded. */
  async #answersNothing(id: string, since: number): Promise<void> {
    const answers = () =>
      this.#load.answers.filter((it) => it.url === this.#url(id) && it.invoked >= since);
    say(`clients that stay with ${id} are to get answers`);
    if (answers().length < 2) await this.#load.until(() => answers().length >= 2);
    const wrong = answers().filter(({ outcome }) => outcome === "ok");
    const events = wrong.map(({ invoked }) => JSON.stringify(this.#load.events[invoked]));
    assert.deepEqual(events, [], `${id} is cut off, but has carried out what it cannot`);
  }

  /** A follower that the leader cannot reach, but that reaches everyone: work goes on. */
  async #followerIsDeaf(): Promise<void> {
    const leader = await this.#leader();
    const deaf = IDS.find((id) => id !== leader) as string;
    say(`${leader} leads, and ${deaf} does not hear it`);
    this.#set([[leader, deaf]], "silent");
    await this.#when(deaf, (status) => status.leader?.id !== leader);
    await this.#load.progress(20);
    await this.#heals();
  }

  /** Links that come and go, so many times, one at a time. */
  async #flaps(times: number): Promise<void> {
    const next = randomNumbers(5);
    const random = (bound: number): number => Math.floor(next() * bound);
    const links: readonly Link[] = ["silent", "down", "slow", "open", "open"];
    say(`links come and go, ${times} times`);
    for (let turn = 0; turn < times; turn++) {
      this.#set([PAIRS[random(PAIRS.length)] as Pair], links[random(links.length)] as Link);
      // The rhythm is the fault.
      await new Promise((done) => setTimeout(done, 20 + random(200)));
    }
    await this.#heals();
  }

  /** Less passes between servers than clients would have done: work goes on, at that pace. */
  async #isThin(): Promise<void> {
    say("all links are thin");
    this.#set(PAIRS, "slow");
    let lost: readonly (number | null)[];
    do {
      // A few packets each, and so more than a link holds.
      for (let at = 0; at < 10; at++) await this.#puts(`wide.${at}`, "x".repeat(4_000));
      await this.#load.progress(50);
      lost = PAIRS.map(([from, to]) => this.#network.lost(from, to));
    } while (lost.every((packets) => packets === 0));
    say(`packets lost on each link: ${lost.join(", ")}`);
    await this.#heals();
  }

  /** The log goes on without a follower, and is gone when it is back: it gets a snapshot. */
  async #fallsBehindTheLog(): Promise<void> {
    const leader = await this.#leader();
    const behind = IDS.find((id) => id !== leader) as string;
    say(`${leader} leads, and ${behind} is cut off`);
    this.#set([...sentBy(behind), ...sentTo(behind)], "silent");
    const { lastIndex } = await this.#status(behind);
    // More than one piece of a snapshot.
    for (let at = 0; at < 20; at++) await this.#puts(`large.${at}`, "x".repeat(20_000));
    for (const id of IDS.filter((it) => it !== behind)) {
      const url = `${this.#url(id)}/v1/snapshot`;
      const reply = await request("POST", url, {}, TOKEN);
      assert.equal(reply.status, 200, `${id} takes a snapshot: ${JSON.stringify(reply)}`);
      const { snapshotIndex } = await this.#status(id);
      assert(snapshotIndex > lastIndex, `${id} has entry ${lastIndex + 1} no more`);
    }
    await this.#heals();
    const { snapshotIndex } = await this.#status(behind);
    assert(snapshotIndex > lastIndex, `${behind} got a snapshot`);
  }

  async #puts(key: string, value: string): Promise<void> {
    for (;;) {
      const url = this.#url(await this.#leader());
      const reply = await request("PUT", `${url}/v1/kv/${key}`, { value }, TOKEN);
      if (reply.status === 200) return;
    }
  }

  /** All links are good again: one leads, the others follow, and have what it has committed. */
  async #heals(): Promise<void> {
    say("all links are good again; all are to catch up");
    this.#set(PAIRS, "open");
    await this.#load.progress(20);
    for (;;) {
      const { id, term, commitIndex } = await this.#status(await this.#leader());
      const all = await Promise.all(IDS.map((it) => this.#status(it)));
      const agree = all.every((it) => it.term === term && it.leader?.id === id);
      if (agree && all.every(({ appliedIndex }) => appliedIndex >= commitIndex)) return;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

async function main(kind: string, directory: string): Promise<void> {
  const network = kind === "proxies" ? await Proxies.open() : new Namespaces();
  if (kind === "probe") return;
  const servers = await startServers(network, directory);
  const load = new Load(network.urls, 5, { staying: IDS.length, restMs: 20, token: TOKEN });
  await new Scenario(network, load).run();
  await load.stop();
  say("all are to stop");
  await stopServers(servers);
  const history = load.events.map((event) => `${JSON.stringify(event)}\n`).join("");
  writeFileSync(join(directory, "history.jsonl"), history);
}

try {
  const [kind = "", directory = ""] = process.argv.slice(2);
  await main(kind, directory);
  process.exit(0);
} catch (error) {
  console.error(error);
  // The servers go with the process.
  process.exit(1);
}
