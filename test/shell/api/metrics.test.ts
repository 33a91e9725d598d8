/** The metrics are what a scraper can read, and say what happened. */
import * as Effect from "effect/Effect";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Durations } from "../../../shell/api/durations.ts";
import { HttpMetrics, metricsText } from "../../../shell/api/metrics.ts";
import { readExposition } from "./exposition.ts";
import { stub } from "./host.ts";

const follower = Effect.runSync(stub({}).status);

function scrape(change: Partial<Parameters<typeof metricsText>[0]> = {}) {
  const sources = { status: follower, counters: {}, disk: null, http: new HttpMetrics() };
  const text = metricsText({ ...sources, writes: null, ...change });
  const families = readExposition(text);
  /** The values of a metric, by their labels. */
  const values = (name: string) =>
    families
      .flatMap(({ samples }) => samples)
      .filter((sample) => sample.name === name)
      .map(({ labels, value }) => [[...labels.values()].join(" "), value]);
  const typeOf = (name: string) => families.find((family) => family.name === name)?.type;
  return { text, families, values, typeOf };
}

describe("metrics", () => {
  it("tell of a server that has just begun", () => {
    const { values, families } = scrape();
    expect(values("quorate_role")).toContainEqual(["follower", 1]);
    expect(values("quorate_role")).toContainEqual(["leader", 0]);
    expect(values("quorate_has_leader")).toEqual([["", 0]]);
    expect(values("process_resident_memory_bytes")[0]?.[1]).toBeGreaterThan(1e6);
    for (const { name, help } of families) expect(help, name).not.toBeNull();
  });

  it("tell of a leader's peers, its disk and its writes, by whatever names", () => {
    const writes = new Durations();
    for (const seconds of [0.00005, 0.0001, 0.3, 60]) writes.add(seconds);
    const peers = [
      { id: 'a "b"\\\n', matchIndex: 7, mode: "probe" as const },
      { id: "n3", matchIndex: 12, mode: "replicate" as const },
    ];
    const status = { ...follower, role: "leader" as const, lastIndex: 10, peers };
    const { values } = scrape({ status, writes, disk: { log: 5, snapshots: 0 } });
    expect(values("quorate_peer_lag_entries")).toEqual([
      ['a "b"\\\n', 3],
      ["n3", 0],
    ]);
    expect(values("quorate_storage_bytes")).toEqual([
      ["log", 5],
      ["snapshots", 0],
    ]);
    const buckets = values("quorate_storage_write_duration_seconds_bucket");
    expect(buckets.slice(0, 2)).toEqual([
      ["0.0001", 2],
      ["0.00025", 2],
    ]);
    expect(buckets.slice(-3)).toEqual([
      ["5", 3],
      ["10", 3],
      ["+Inf", 4],
    ]);
    expect(values("quorate_storage_write_duration_seconds_sum")[0]?.[1]).toBeCloseTo(60.30015);
  });

  it("have a duration in every bucket from its own on", () => {
    const seconds = fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { maxLength: 50 });
    const property = fc.property(seconds, (all) => {
      const durations = new Durations();
      for (const it of all) durations.add(it);
      const { buckets, count } = durations.state;
      expect(count).toBe(all.length);
      for (const [bound, below] of buckets) {
        expect(below).toBe(all.filter((it) => it <= bound).length);
      }
    });
    fc.assert(property, { seed: 20_261_201, numRuns: 200 });
  });

  it("tell what may fall as a gauge, and all else as a counter", () => {
    const counters = {
      requests_pending: 3,
      transport_inbound: 2,
      transport_outbound: 1,
      transport_connects: 9,
      "ignored_stale-term": 4,
    };
    const { values, typeOf } = scrape({ counters });
    for (const name of ["requests_pending", "transport_inbound", "transport_outbound"]) {
      expect(typeOf(`quorate_${name}`)).toBe("gauge");
    }
    expect(typeOf("quorate_transport_connects_total")).toBe("counter");
    expect(values("quorate_ignored_stale_term_total")).toEqual([["", 4]]);
  });

  it("count requests by route and status, and time them by route", () => {
    const http = new HttpMetrics();
    http.answered("GET /v1/kv/:key", 200, 0.004);
    http.answered("GET /v1/kv/:key", 200, 0.0005);
    http.answered("GET /v1/kv/:key", 404, 0.0001);
    http.answered("none", 404, 0);
    http.inFlight = 7;
    const { values } = scrape({ http });
    expect(values("quorate_http_requests_total")).toEqual([
      ["GET /v1/kv/:key 200", 2],
      ["GET /v1/kv/:key 404", 1],
      ["none 404", 1],
    ]);
    expect(values("quorate_http_request_duration_seconds_count")).toEqual([
      ["GET /v1/kv/:key", 3],
      ["none", 1],
    ]);
    expect(values("quorate_http_requests_in_flight")).toEqual([["", 7]]);
  });

  it("of two servers of one process are apart", () => {
    scrape({ counters: { writes: 5 } });
    expect(scrape({ counters: {} }).values("quorate_writes_total")).toEqual([]);
  });
});

describe("the reader of expositions", () => {
  const good = '# HELP a_total x\n# TYPE a_total counter\na_total{b="c\\n\\"\\\\"} 1.5e+21\n';

  it("reads what is one", () => {
    const [family] = readExposition(good);
    expect(family).toMatchObject({ name: "a_total", type: "counter", help: "x" });
    expect(family?.samples[0]?.labels.get("b")).toBe('c\n"\\');
    expect(family?.samples[0]?.value).toBe(1.5e21);
  });

  const histogram = (lines: string) => `# TYPE h histogram\n${lines}`;
  it.each([
    ["a line that does not end", good.slice(0, -1)],
    ["a sample before its type", `b 1\n${good}`],
    ["a type that comes twice", `${good}${good.slice(good.indexOf("# TYPE"))}`],
    ["a series that comes twice", `# TYPE a gauge\na{b="1",c="2"} 1\na{c="2",b="1"} 2\n`],
    ["a sample of another metric", `${good}other 1\n`],
    ["a name that is none", "# TYPE a-b gauge\na-b 1\n"],
    ["a label without quotes", "# TYPE a gauge\na{b=c} 1\n"],
    ["a label with a bare quote", '# TYPE a gauge\na{b="c"d"} 1\n'],
    ["a value that is none", "# TYPE a gauge\na undefined\n"],
    ["a counter by another name", "# TYPE a counter\na 1\n"],
    ["a counter below zero", "# TYPE a_total counter\na_total -1\n"],
    ["a type without samples", "# TYPE a gauge\n"],
    ["an empty line", `${good}\n`],
    [
      "buckets that fall",
      histogram('h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n'),
    ],
    ["a histogram without +Inf", histogram('h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n')],
    ["a histogram without a sum", histogram('h_bucket{le="+Inf"} 1\nh_count 1\n')],
    ["a count that is not +Inf's", histogram('h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n')],
  ])("refuses %s", (_, text) => {
    expect(() => readExposition(text)).toThrow();
  });
});
