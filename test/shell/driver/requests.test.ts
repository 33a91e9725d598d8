/**
 * Requests whose answer hangs on what happens meanwhile: one real driver, n1 of three, and the
 * others as the test has them.
 */
import * as Effect from "effect/Effect";
import type * as Exit from "effect/Exit";
import * as Result from "effect/Result";
import { describe, expect, it } from "vitest";
import type { Message, ServerId, Snapshot } from "../../../kernel/index.ts";
import type { Answer, Ask } from "../../../shell/driver/requests.ts";
import type { RequestError } from "../../../shell/driver/server.ts";
import { Cluster, type Register, registerMachine } from "./cluster.ts";

type Parts<K extends Message["kind"]> = Omit<
  Extract<Message, { kind: K }>,
  "kind" | "from" | "to" | "term"
>;

/** n1 among servers that do as they are told. Messages that it sends go nowhere. */
function lone() {
  const kernel = { preVote: false, checkQuorum: false };
  const cluster = new Cluster({ servers: 3, seed: 1, kernel });
  const [n1] = cluster.servers as [Cluster["servers"][number]];
  const status = () => {
    if (n1.driver === null) throw new Error("n1 is down");
    return n1.driver.status;
  };
  const store = (): void => {
    while (n1.writing !== null) cluster.completeWrite(n1);
  };
  /** n1 hears a message. */
  const hear = <K extends Message["kind"]>(
    kind: K,
    from: ServerId,
    term: number,
    parts: Parts<K>,
    data: Uint8Array | null = null,
  ): void => {
    const message = { kind, from, to: "n1", term, ...parts } as unknown as Message;
    cluster.deliver({ message, data });
  };
  /** n1 is elected by the vote of n3, and what it appended is on n2's disk, too. */
  const lead = (): void => {
    cluster.input(n1, { kind: "event", event: { kind: "election-timeout" } });
    store();
    const { term } = status();
    hear("request-vote-response", "n3", term, { voteGranted: true });
    store();
    expect(status()).toMatchObject({ role: "leader", term });
    hear("append-entries-accepted", "n2", term, { matchIndex: status().lastIndex });
  };
  /** Asks n1; gives how that went, null while it has not. */
  const ask = <A>(make: (answer: Answer<A>) => Ask<Register, number>) => {
    let exit: Exit.Exit<A, RequestError> | null = null;
    const answer: Answer<A> = (outcome) => {
      expect(exit).toBeNull();
      exit = Effect.runSyncExit(outcome);
    };
    cluster.input(n1, { kind: "ask", ask: make(answer) });
    return (): unknown => {
      if (exit === null) return null;
      const result = Effect.runSync(Effect.result(exit as Exit.Exit<A, RequestError>));
      if (Result.isSuccess(result)) return result.success ?? "done";
      const { _tag, message } = result.failure;
      return `${_tag}: ${message}`;
    };
  };
  return { cluster, n1, status, store, hear, lead, ask };
}

describe("a transfer of leadership", () => {
  /** n1 leads and hands over to n2, which campaigns: n1 follows nobody yet. */
  function campaigned() {
    const all = lone();
    all.lead();
    const outcome = all.ask<void>((answer) => {
      return { kind: "transfer-leadership", to: "n2", answer };
    });
    const sent = all.cluster.network.at(-1)?.message;
    expect(sent).toMatchObject({ kind: "timeout-now-request", to: "n2" });
    expect(outcome()).toBeNull();
    const { term, lastIndex: lastLogIndex } = all.status();
    const last = { lastLogIndex, lastLogTerm: term, leadershipTransfer: true };
    all.hear("request-vote-request", "n2", term + 1, last);
    all.store();
    expect(all.status()).toMatchObject({ role: "follower", leaderId: null, term: term + 1 });
    expect(outcome()).toBeNull();
    const leads = (id: ServerId, ofTerm: number): void =>
      all.hear("heartbeat-request", id, ofTerm, { leaderCommit: 0, context: [] });
    return { ...all, outcome, leads, term };
  }

  it("is not answered while its leader leads on", () => {
    const { cluster, n1, lead, hear, status, ask } = lone();
    lead();
    const outcome = ask<void>((answer) => ({ kind: "transfer-leadership", to: "n3", answer }));
    hear("heartbeat-response", "n2", status().term, { context: [] });
    cluster.input(n1, { kind: "wake" });
    expect([status().role, outcome()]).toEqual(["leader", null]);
  });

  it("succeeds once the one that was to lead does", () => {
    const { outcome, leads, term } = campaigned();
    leads("n2", term + 1);
    expect(outcome()).toBe("done");
  });

  it("is unknown once another leads", () => {
    const { outcome, leads, term } = campaigned();
    leads("n3", term + 2);
    expect(outcome()).toBe("OutcomeUnknown: n3 was elected, not n2");
  });

  it("is unknown once the one that gave up leading leads again", () => {
    const { outcome, lead, status, term } = campaigned();
    lead();
    expect(status().term).toBe(term + 2);
    expect(outcome()).toBe("OutcomeUnknown: n1 was elected, not n2");
  });

  it("is unknown where the server stops before anybody is known to lead", () => {
    const { outcome, n1 } = campaigned();
    n1.driver?.stop("the disk is full");
    expect(outcome()).toBe("OutcomeUnknown: the server stopped meanwhile: the disk is full");
  });
});

describe("a snapshot", () => {
  const configuration = { voters: ["n1", "n2", "n3"], outgoingVoters: [], learners: [] };
  /** The snapshot of `taken` commands, up to the entry of that index. */
  function received(lastIndex: number): { snapshot: Snapshot; data: Uint8Array } {
    const state = { value: `v${lastIndex}`, taken: lastIndex };
    const data = new TextEncoder().encode(registerMachine.snapshot(state));
    return { snapshot: { lastIndex, lastTerm: 1, configuration }, data };
  }

  function install({ hear }: ReturnType<typeof lone>, lastIndex: number): void {
    const { snapshot, data } = received(lastIndex);
    hear("install-snapshot-request", "n2", 1, { snapshot }, data);
  }

  /** How far n1's machine is: its index, and how many commands it says that it has taken. */
  function machine({ n1, status }: ReturnType<typeof lone>) {
    return [status().appliedIndex, n1.driver?.machineState.taken];
  }

  it("that is received is installed once it is stored, and not before", () => {
    const all = lone();
    install(all, 5);
    expect(machine(all)).toEqual([0, 0]);
    all.store();
    expect(machine(all)).toEqual([5, 5]);
  });

  it("that comes while an earlier one is being stored is installed after it", () => {
    const all = lone();
    install(all, 5);
    install(all, 9);
    all.cluster.completeWrite(all.n1);
    expect(machine(all)).toEqual([5, 5]);
    all.store();
    expect(machine(all)).toEqual([9, 9]);
    expect(all.n1.driver?.counters["snapshots_installed"]).toBe(2);
  });

  it("that comes too late, while a later one is being stored, is not taken for that one", () => {
    const all = lone();
    install(all, 9);
    install(all, 5);
    all.store();
    expect(machine(all)).toEqual([9, 9]);
    // Nor is it kept for the next one.
    install(all, 12);
    all.store();
    expect(machine(all)).toEqual([12, 12]);
  });

  /** n1 leads, and has applied a few commands. */
  function applied() {
    const all = lone();
    all.lead();
    for (const command of ["a", "b"]) all.ask((answer) => ({ kind: "propose", command, answer }));
    all.store();
    const { term, lastIndex } = all.status();
    all.hear("append-entries-accepted", "n2", term, { matchIndex: lastIndex });
    expect(machine(all)).toEqual([3, 2]);
    const take = () => all.ask<Snapshot>((answer) => ({ kind: "take-snapshot", answer }));
    return { ...all, take, term };
  }

  it("asked for while one is being stored is that one: both are answered, it is stored once", () => {
    const all = applied();
    const first = all.take();
    expect(all.n1.saving?.snapshot.lastIndex).toBe(3);
    all.ask((answer) => ({ kind: "propose", command: "c", answer }));
    all.store();
    all.hear("append-entries-accepted", "n2", all.term, { matchIndex: 4 });
    const second = all.take();
    expect([first(), second(), all.status().appliedIndex]).toEqual([null, null, 4]);
    all.cluster.completeSnapshot(all.n1);
    const snapshot = { lastIndex: 3, lastTerm: all.term, configuration };
    expect([first(), second()]).toEqual([snapshot, snapshot]);
    expect(all.n1.driver?.counters["snapshots_taken"]).toBe(1);
    expect(all.status().snapshotIndex).toBe(3);
    // The next one is another.
    const third = all.take();
    all.store();
    all.cluster.completeSnapshot(all.n1);
    expect(third()).toEqual({ ...snapshot, lastIndex: 4 });
  });

  it("asked for again where nothing came since is the one that there is", () => {
    const all = applied();
    all.take();
    all.cluster.completeSnapshot(all.n1);
    all.store();
    const again = all.take();
    expect(all.n1.saving).toBeNull();
    expect(again()).toEqual({ lastIndex: 3, lastTerm: all.term, configuration });
  });

  it("asked for where one is stored, and the log not compacted yet, is that one", () => {
    const all = applied();
    for (const command of ["c", "d"]) all.ask((answer) => ({ kind: "propose", command, answer }));
    all.store();
    all.hear("append-entries-accepted", "n2", all.term, { matchIndex: 5 });
    expect(all.n1.saving?.snapshot.lastIndex).toBe(5);
    all.cluster.completeSnapshot(all.n1);
    expect(all.status().snapshotIndex).toBe(0);
    const taken = all.take();
    expect(all.n1.saving).toBeNull();
    expect(taken()).toEqual({ lastIndex: 5, lastTerm: all.term, configuration });
    expect(all.status().snapshotIndex).toBe(5);
  });

  it("asked for while a received one, which is ahead, is being stored is refused", () => {
    const all = lone();
    install(all, 5);
    const early = all.ask<Snapshot>((answer) => ({ kind: "take-snapshot", answer }));
    expect(early()).toBe("Refused: the server is not ready for it yet: try again later");
    all.store();
    const then = all.ask<Snapshot>((answer) => ({ kind: "take-snapshot", answer }));
    expect(then()).toEqual(received(5).snapshot);
  });

  it("that is being stored when the server stops is answered for", () => {
    const all = applied();
    const outcome = all.take();
    all.n1.driver?.stop("the disk is full");
    expect(outcome()).toBe("Stopped: the disk is full");
  });
});
