/** The rules of the cluster world: network, storage, budgets, and the schedule syntax. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import { canonicalWorld } from "../../model-checker/canonical-world.ts";
import { formatAction, parseAction } from "../../model-checker/schedule.ts";
import {
  type Action,
  enabledActions,
  initialWorld,
  perform,
  type World,
} from "../../model-checker/world.ts";

const open: Bounds = { ...defaultBounds, terms: 9, log: 9, proposals: 9, messages: 99, crashes: 9 };
const plain: Bounds = { ...open, preVote: false, checkQuorum: false };

/** The world after these lines; throws at the first that cannot happen. */
function run(bounds: Bounds, lines: readonly string[]): World {
  return lines.reduce((world, line) => {
    const action = parseAction(world, line);
    if ("fault" in action) throw new Error(`${line}: ${action.fault}`);
    const outcome = perform(world, action);
    if ("refused" in outcome) throw new Error(`${line}: ${outcome.refused}`);
    return outcome.world;
  }, initialWorld(bounds));
}

function inFlight(world: World): readonly string[] {
  return world.network.messages.map(({ from, to, kind }) => `${from} ${to} ${kind}`);
}

describe("an unordered network is a set of messages", () => {
  const twice = ["timeout n1", "timeout n1"];

  it("a message that is in flight already is not sent again", () => {
    expect(inFlight(run(open, twice))).toEqual(inFlight(run(open, twice.slice(0, 1))));
  });

  it("any message may arrive next", () => {
    const world = run(plain, ["timeout n1", "timeout n1"]);
    const deliveries = enabledActions(world).filter(({ kind }) => kind === "deliver");
    expect(deliveries).toHaveLength(4);
  });

  it("a delivered message is gone, and a duplicated one stays", () => {
    const bounds = { ...plain, duplications: 1 };
    const delivered = run(bounds, ["timeout n1", "deliver n1 n2 request-vote#1"]);
    expect(inFlight(delivered)).not.toContain("n1 n2 request-vote-request");
    const duplicated = run(bounds, ["timeout n1", "duplicate n1 n2 request-vote#1"]);
    expect(inFlight(duplicated)).toContain("n1 n2 request-vote-request");
    expect(() =>
      run(bounds, ["timeout n1", ...Array(2).fill("duplicate n1 n2 request-vote#1")]),
    ).toThrow("no duplication is left");
  });

  it("a dropped message changes nobody", () => {
    const world = run(plain, ["timeout n1", "drop n1 n2 request-vote#1"]);
    expect(inFlight(world)).toEqual(["n1 n3 request-vote-request"]);
  });
});

describe("a FIFO link delivers in the order of sending", () => {
  const fifo: Bounds = { ...plain, network: "fifo" };

  it("only the head may arrive", () => {
    const world = run(fifo, ["timeout n1", "timeout n1"]);
    const next = enabledActions(world).filter(({ kind }) => kind === "deliver");
    expect(next).toHaveLength(2);
    expect(() => run(fifo, ["timeout n1", "timeout n1", "deliver n1 n2 request-vote#2"])).toThrow(
      "an earlier message of this link is ahead",
    );
  });

  it("order between links is not part of a world", () => {
    const [a, b] = [
      ["timeout n1", "timeout n2"],
      ["timeout n2", "timeout n1"],
    ];
    expect(canonicalWorld(run(fifo, a ?? []))).toBe(canonicalWorld(run(fifo, b ?? [])));
  });
});

describe("a partition cuts what is in flight and what is sent", () => {
  it("until it heals", () => {
    const cut = ["timeout n1", "partition n1 n2 | n3"];
    expect(inFlight(run(plain, cut))).toEqual(["n1 n2 request-vote-request"]);
    expect(inFlight(run(plain, [...cut, "timeout n3"]))).toHaveLength(1);
    expect(inFlight(run(plain, [...cut, "heal", "timeout n3"]))).toHaveLength(3);
  });

  it("servers that no group names are alone", () => {
    const world = run({ ...plain, servers: 4 }, ["partition n1 | n2", "timeout n3"]);
    expect(inFlight(world)).toEqual([]);
  });
});

describe("asynchronous storage", () => {
  const slow: Bounds = { ...plain, storage: "asynchronous" };
  const term = (world: World): number => world.processes[0]?.durable.currentTerm ?? -1;

  it("what was promised leaves when the write is complete", () => {
    expect(inFlight(run(slow, ["timeout n1"]))).toEqual([]);
    expect(inFlight(run(slow, ["timeout n1", "flush n1"]))).toHaveLength(2);
  });

  it("a crash loses what was not written, and no more", () => {
    expect(term(run(slow, ["timeout n1", "crash n1", "restart n1"]))).toBe(0);
    expect(term(run(slow, ["timeout n1", "flush n1", "crash n1", "restart n1"]))).toBe(1);
  });

  it("pre-votes overtake the write in progress", () => {
    const world = run({ ...slow, preVote: true }, ["timeout n1"]);
    expect(inFlight(world)).toHaveLength(2);
  });
});

describe("what cannot happen is refused with its reason", () => {
  const refusals: readonly (readonly [string, readonly string[], Bounds])[] = [
    ["n1 is down", ["crash n1", "timeout n1"], plain],
    ["n1 is not down", ["restart n1"], plain],
    ["n1 has no write in progress", ["flush n1"], plain],
    ["no crash is left", ["crash n1", "crash n2"], { ...plain, crashes: 1 }],
    ["no propose is left", ["propose n1 a"], { ...plain, proposals: 0 }],
    ["too many messages would be in flight", ["timeout n1"], { ...plain, messages: 1 }],
    [
      "the log would be too long",
      ["timeout n1", "propose n1 a", "propose n1 b"],
      { ...plain, servers: 1, log: 2 },
    ],
    ["unknown action", ["frobnicate n1"], plain],
    ["there is no server", ["timeout n7"], plain],
    ["takes one server", ["timeout n1 n2"], plain],
    ["propose takes a server and a command", ["propose n1"], plain],
    ["heal takes no words", ["heal n1"], plain],
    ["a message is named FROM TO KIND#N", ["deliver n1"], plain],
    ["in flight: nothing", ["deliver n1 n2 heartbeat#1"], plain],
    ["a server is in two groups", ["partition n1 n2 | n2"], plain],
    ["groups of servers separated by |", ["partition n1 n2"], plain],
    ["there is no server", ["partition n1 | n8"], plain],
  ];

  it.each(refusals)("%s", (reason, lines, bounds) => {
    expect(() => run(bounds, lines)).toThrow(reason);
  });
});

describe("the schedule syntax", () => {
  it("says every enabled action, and reads it back", () => {
    const choices = fc.array(fc.nat(), { maxLength: 40, size: "max" });
    const bounds = { ...open, duplications: 9, loss: true };
    fc.assert(
      fc.property(
        choices,
        fc.constantFrom<Bounds["network"]>("unordered", "fifo"),
        (picks, net) => {
          let world = initialWorld({ ...bounds, network: net });
          for (const pick of picks) {
            const actions = enabledActions(world);
            for (const action of actions) {
              expect(parseAction(world, formatAction(world, action))).toEqual(action);
            }
            const outcome = perform(world, actions[pick % actions.length] as Action);
            if (!("refused" in outcome)) world = outcome.world;
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
