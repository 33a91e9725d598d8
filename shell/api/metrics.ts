/** Metrics in the text format of Prometheus. */
import type { Counters, Status } from "../driver/server.ts";
import type { DiskUsage } from "../storage/disk-usage.ts";

/** Bounds of the latency histogram, in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Latency {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** Counts the requests that were answered. */
export class HttpMetrics {
  readonly #requests = new Map<string, number>();
  readonly #latencies = new Map<string, Latency>();
  /** Requests that are not answered yet. */
  inFlight = 0;

  /** A request of `route`, such as `GET /v1/kv/:key`, was answered after `seconds`. */
  answered(route: string, status: number, seconds: number): void {
    const labels = `route="${route}",status="${status}"`;
    this.#requests.set(labels, (this.#requests.get(labels) ?? 0) + 1);
    let latency = this.#latencies.get(route);
    if (latency === undefined) {
      latency = { counts: BOUNDS.map(() => 0), sum: 0, count: 0 };
      this.#latencies.set(route, latency);
    }
    const at = BOUNDS.findIndex((bound) => seconds <= bound);
    if (at >= 0) latency.counts[at] = (latency.counts[at] as number) + 1;
    latency.sum += seconds;
    latency.count++;
  }

  /** The lines of these metrics. */
  lines(): readonly string[] {
    const name = "quorate_http_request_duration_seconds";
    const requests = [...this.#requests].map(([labels, count]) => {
      return `quorate_http_requests_total{${labels}} ${count}`;
    });
    const latencies = [...this.#latencies].flatMap(([route, { counts, sum, count }]) => {
      let below = 0;
      const buckets = BOUNDS.map((bound, at) => {
        below += counts[at] as number;
        return `${name}_bucket{route="${route}",le="${bound}"} ${below}`;
      });
      return [
        ...buckets,
        `${name}_bucket{route="${route}",le="+Inf"} ${count}`,
        `${name}_sum{route="${route}"} ${sum}`,
        `${name}_count{route="${route}"} ${count}`,
      ];
    });
    return [
      "# TYPE quorate_http_requests_total counter",
      ...requests,
      `# TYPE ${name} histogram`,
      ...latencies,
      ...gauge("http_requests_in_flight", this.inFlight),
    ];
  }
}

function gauge(name: string, value: number): readonly string[] {
  return [`# TYPE quorate_${name} gauge`, `quorate_${name} ${value}`];
}

/** A name without what Prometheus does not allow in one. */
function nameOf(counter: string): string {
  return counter.replace(/[^a-zA-Z0-9_]/g, "_");
}

const ROLES: readonly Status["role"][] = ["follower", "pre-candidate", "candidate", "leader"];

/** The metrics of a server, its API and its process. */
export function metricsText(
  status: Status,
  counters: Counters,
  disk: DiskUsage | null,
  http: HttpMetrics,
): string {
  const counted = Object.entries(counters).flatMap(([name, value]) => {
    if (name.endsWith("_pending")) return gauge(nameOf(name), value);
    const full = `quorate_${nameOf(name)}_total`;
    return [`# TYPE ${full} counter`, `${full} ${value}`];
  });
  const roles = ROLES.map((it) => `quorate_role{role="${it}"} ${it === status.role ? 1 : 0}`);
  const lags = status.peers.map(({ id, matchIndex }) => {
    return `quorate_peer_lag_entries{peer="${id}"} ${Math.max(0, status.lastIndex - matchIndex)}`;
  });
  const files = Object.entries(disk ?? {}).map(([part, bytes]) => {
    return `quorate_storage_bytes{part="${part}"} ${bytes}`;
  });
  const { rss, heapUsed } = process.memoryUsage();
  return [
    "# TYPE quorate_role gauge",
    ...roles,
    ...gauge("has_leader", status.leaderId === null ? 0 : 1),
    ...gauge("term", status.term),
    ...gauge("commit_index", status.commitIndex),
    ...gauge("applied_index", status.appliedIndex),
    ...gauge("last_index", status.lastIndex),
    ...gauge("snapshot_index", status.snapshotIndex),
    "# TYPE quorate_peer_lag_entries gauge",
    ...lags,
    "# TYPE quorate_storage_bytes gauge",
    ...files,
    ...counted,
    ...http.lines(),
    "# TYPE process_resident_memory_bytes gauge",
    `process_resident_memory_bytes ${rss}`,
    ...gauge("heap_used_bytes", heapUsed),
    ...gauge("uptime_seconds", Math.round(process.uptime())),
    "",
  ].join("\n");
}
