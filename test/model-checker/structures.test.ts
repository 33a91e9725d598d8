/** The engine's data structures, each against the plain thing it stands for. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import { encode, keyOf } from "../../model-checker/canonical.ts";
import { canonicalWorld } from "../../model-checker/canonical-world.ts";
import { Frontier } from "../../model-checker/engine/frontier.ts";
import { ByteList, Int32List } from "../../model-checker/engine/growable.ts";
import { PairTable } from "../../model-checker/engine/pair-table.ts";
import { MAX_ACTIONS, Trail } from "../../model-checker/engine/trail.ts";
import { expectedCollisions, VisitedSet } from "../../model-checker/engine/visited.ts";
import { type Permutation, permutations, renamed } from "../../model-checker/symmetry.ts";
import {
  type Action,
  enabledActions,
  initialWorld,
  perform,
  type World,
} from "../../model-checker/world.ts";

/** Numbers that look random and never change. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state ^ (state >>> 13)) | 0;
  };
}

describe("growing arrays keep what was pushed", () => {
  test("Int32List", () => {
    const list = new Int32List();
    for (let i = 0; i < 5000; i++) list.push(i * 7 - 900);
    expect(list.length).toBe(5000);
    expect(Array.from(list.data.subarray(0, 5000))).toEqual(
      Array.from({ length: 5000 }, (_, i) => i * 7 - 900),
    );
  });

  test("ByteList, across segments", () => {
    const list = new ByteList();
    const length = (1 << 22) + 10;
    for (let i = 0; i < length; i++) list.push(i % 251);
    expect(list.length).toBe(length);
    for (const i of [0, 1, 250, (1 << 22) - 1, 1 << 22, length - 1]) {
      expect(list.at(i)).toBe(i % 251);
    }
    expect(list.bytes).toBe(2 << 22);
  });
});

/** A breadth-first tree: for each parent in turn, the ordinals of the actions that found states. */
const family = fc.array(
  fc.uniqueArray(fc.integer({ min: 0, max: MAX_ACTIONS - 1 }), { maxLength: 4 }),
  { maxLength: 40, size: "max" },
);

test("Trail finds the path that a plain tree has", () => {
  fc.assert(
    fc.property(family, (families) => {
      const trail = new Trail();
      const paths: (readonly number[])[] = [[]];
      const checkAll = (): void => {
        paths.forEach((path, state) => {
          expect(trail.pathTo(state)).toEqual(path);
        });
      };
      for (const [parent, ordinals] of families.entries()) {
        // A parent must have been found before it is expanded.
        if (parent >= paths.length) break;
        for (const ordinal of [...ordinals].sort((a, b) => a - b)) {
          trail.add(parent, ordinal);
          paths.push([...(paths[parent] as readonly number[]), ordinal]);
        }
        if (parent % 5 === 0) checkAll();
      }
      checkAll();
    }),
  );
});

describe("PairTable is a map of pairs", () => {
  test("small tables", () => {
    const pair = fc.tuple(fc.nat(12), fc.nat(12), fc.integer());
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const table = new PairTable();
        const map = new Map<string, number>();
        for (const [a, b, value] of pairs) {
          expect(table.get(a, b, -7)).toBe(map.get(`${a} ${b}`) ?? -7);
          if (map.has(`${a} ${b}`)) continue;
          table.add(a, b, value);
          map.set(`${a} ${b}`, value);
        }
        expect(table.size).toBe(map.size);
        for (const [a, b] of pairs) expect(table.get(a, b, -7)).toBe(map.get(`${a} ${b}`));
      }),
    );
  });

  test("it grows", () => {
    const table = new PairTable();
    for (let a = 0; a < 300; a++) for (let b = 0; b < 40; b++) table.add(a, b, a * 1000 - b);
    expect(table.size).toBe(12_000);
    for (let a = 0; a < 300; a++) {
      for (let b = 0; b < 40; b++) expect(table.get(a, b, -1)).toBe(a * 1000 - b);
      expect(table.get(a, 40, -1)).toBe(-1);
    }
  });
});

describe("VisitedSet is a set of keys", () => {
  test("small lanes, the zero key among them", () => {
    const lane = fc.constantFrom(0, 0, 1, -1, 2, 0x7fffffff, -0x80000000, 1 << 16);
    fc.assert(
      fc.property(fc.array(fc.tuple(lane, lane), { size: "+1" }), (keys) => {
        const visited = new VisitedSet();
        const plain = new Set<string>();
        for (const [low, high] of keys) {
          // The zero key marks an empty slot and shares the place of (1, 0): documented.
          const text = low === 0 && high === 0 ? "1 0" : `${low} ${high}`;
          expect(visited.add(low, high)).toBe(plain.size !== plain.add(text).size);
        }
        expect(visited.size).toBe(plain.size);
      }),
    );
  });

  test("it grows and forgets nothing", () => {
    const visited = new VisitedSet();
    const plain = new Set<string>();
    const next = pseudoRandom(1);
    const bytes = visited.bytes;
    const keys: (readonly [number, number])[] = [[0, 0]];
    for (let i = 0; i < 150_000; i++) keys.push([next() % 500, next() % 700]);
    for (const [low, high] of keys) {
      if (visited.bytesToGrowFor(1) > 0) expect(visited.bytesToGrowFor(1)).toBe(visited.bytes * 2);
      expect(visited.reserve(1)).toBe(true);
      const text = low === 0 && high === 0 ? "1 0" : `${low} ${high}`;
      const isNew = plain.size !== plain.add(text).size;
      if (visited.add(low, high) !== isNew) throw new Error(`wrong about (${low}, ${high})`);
    }
    expect(visited.size).toBe(plain.size);
    expect(visited.bytes).toBeGreaterThan(bytes);
    for (const [low, high] of keys) {
      if (visited.add(low, high)) throw new Error(`(${low}, ${high}) was forgotten`);
    }
  });

  test("touching keys changes nothing", () => {
    const visited = new VisitedSet();
    visited.add(3, 4);
    visited.touch(Int32Array.of(3, 5), Int32Array.of(4, 6), 2);
    expect(visited.size).toBe(1);
    expect(visited.add(5, 6)).toBe(true);
    expect(visited.add(3, 4)).toBe(false);
  });

  test("expected collisions are n^2 / 2^65", () => {
    expect(expectedCollisions(0)).toBe(0);
    expect(expectedCollisions(1e9)).toBeCloseTo(0.0271, 4);
  });
});

test("Frontier is a queue of records, across chunks", () => {
  const servers = 3;
  const frontier = new Frontier();
  const waiting: number[][] = [];
  const next = pseudoRandom(2);
  const buffer = new Int32Array(64);
  let head = 0;
  const take = (): void => {
    const length = frontier.shift(buffer, 5, servers);
    expect(Array.from(buffer.subarray(5, 5 + length))).toEqual(waiting[head]);
    head += 1;
  };
  for (let i = 0; i < 60_000; i++) {
    const packets = Math.abs(next()) % 12;
    const record = Array.from({ length: servers + 2 + packets }, () => next());
    record[servers + 1] = packets;
    frontier.push(Int32Array.from([...record, 99]), record.length);
    waiting.push(record);
    // Now and then the queue runs empty, on either side of a chunk's end.
    if (i % 2 === 0) take();
    if (i % 20_000 === 19_999) while (frontier.size > 0) take();
  }
  expect(frontier.bytes).toBeGreaterThan(0);
  while (frontier.size > 0) take();
  expect(head).toBe(60_000);
  expect(frontier.shift(buffer, 0, servers)).toBe(0);
});

/** Plain data from few values, so that equal pairs are drawn often. */
const { value: plainData } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, 0, 1, -1, 10, "", "a", "null", "0", '"', ",", "[]"),
    fc.string({ maxLength: 2 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "a:b", '"', ""), tie("value"), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
}));

function withKeysReversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKeysReversed);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, field]) => [key, withKeysReversed(field)]);
  return Object.fromEntries(fields.reverse());
}

describe("encode is one text for equal data, and different texts for different data", () => {
  test("equal text if and only if deeply equal", () => {
    fc.assert(
      fc.property(plainData, plainData, (a, b) => {
        expect(encode(a) === encode(b)).toBe(isDeepStrictEqual(a, b));
      }),
      { numRuns: 3000 },
    );
  });

  test("the order of keys is not seen", () => {
    fc.assert(fc.property(plainData, (a) => encode(withKeysReversed(a)) === encode(a)));
  });

  test("it can be read back", () => {
    fc.assert(fc.property(plainData, (a) => isDeepStrictEqual(JSON.parse(encode(a)), a)));
  });

  test("keys are the first 64 bits of SHA-256", () => {
    // SHA-256 of nothing is e3b0c442 98fc1c14...
    expect(keyOf("")).toEqual([0x42c4b0e3, 0x141cfc98]);
  });
});

const clusters: Readonly<Record<string, Bounds>> = {
  "three voters": { ...defaultBounds, messages: 9, proposals: 2, crashes: 2, log: 4, terms: 3 },
  "voters and learners, asynchronous storage": {
    ...defaultBounds,
    servers: 2,
    learners: 2,
    messages: 9,
    proposals: 2,
    crashes: 2,
    log: 4,
    terms: 3,
    window: 2,
    duplications: 1,
    loss: true,
    storage: "asynchronous",
  },
  "FIFO links": { ...defaultBounds, messages: 9, log: 4, network: "fifo", preVote: false },
};

function renamedWorld(world: World, { names }: Permutation): World {
  return {
    ...world,
    processes: renamed(world.processes, names),
    network: renamed(world.network, names),
    environment: renamed(world.environment, names),
  };
}

/** A run: each number picks one of the actions that are possible. */
function* runOf(bounds: Bounds, picks: readonly number[]): Generator<readonly [World, Action]> {
  let world = initialWorld(bounds);
  for (const pick of picks) {
    const actions = enabledActions(world);
    const action = actions[pick % Math.max(1, actions.length)];
    if (action === undefined) return;
    yield [world, action];
    const outcome = perform(world, action);
    if (!("refused" in outcome)) world = outcome.world;
  }
}

const picks = fc.array(fc.nat(1000), { minLength: 10, maxLength: 60, size: "max" });

describe.each(Object.entries(clusters))("renaming servers: %s", (_, bounds) => {
  const group = permutations(bounds);
  const renaming = fc.constantFrom(...group);

  test("the renamings are a group, the identity first", () => {
    const known = new Set(group.map(({ to }) => to.join()));
    expect(known.size).toBe(group.length);
    expect(group[0]?.to).toEqual(group[0]?.to.map((__, i) => i));
    for (const { to: a } of group) {
      for (const { to: b } of group) expect(known).toContain(a.map((i) => b[i]).join());
    }
  });

  test("renaming is a group action", () => {
    fc.assert(
      fc.property(picks, renaming, renaming, (run, a, b) => {
        const composed = a.to.map((i) => b.to[i]).join();
        const both = group.find(({ to }) => to.join() === composed) as Permutation;
        const inverse = group.find(({ to }) => a.to.every((i, from) => to[i] === from));
        for (const [world] of runOf(bounds, run)) {
          const text = canonicalWorld(world);
          const twice = renamedWorld(renamedWorld(world, a), b);
          expect(canonicalWorld(renamedWorld(world, group[0] as Permutation))).toBe(text);
          expect(canonicalWorld(twice)).toBe(canonicalWorld(renamedWorld(world, both)));
          const back = renamedWorld(renamedWorld(world, a), inverse as Permutation);
          expect(canonicalWorld(back)).toBe(text);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("a step and a renaming commute", () => {
    fc.assert(
      fc.property(picks, renaming, (run, it) => {
        for (const [world, action] of runOf(bounds, run)) {
          const stepped = perform(world, action);
          const other = perform(renamedWorld(world, it), renamed(action, it.names));
          if ("refused" in stepped) {
            expect("refused" in other && other.outOfBounds).toBe(stepped.outOfBounds);
            continue;
          }
          if ("refused" in other) throw new Error(`refused after renaming: ${other.refused}`);
          const expected = canonicalWorld(renamedWorld(stepped.world, it));
          expect(canonicalWorld(other.world)).toBe(expected);
        }
      }),
      { numRuns: 60 },
    );
  });
});
