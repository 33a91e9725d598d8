/**
 * Metrics in the text format of Prometheus, as Effect renders it. All that is told lives in some
 * other place already, so a registry is filled whenever somebody asks, and nothing is pushed.
 */
import * as Context from "effect/Context";
import * as Metric from "effect/Metric";
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics";
import type { Counters, Status } from "../driver/server.ts";
import type { DiskUsage } from "../storage/disk-usage.ts";
import { Durations } from "./durations.ts";

interface Answered {
  readonly byStatus: Map<number, number>;
  readonly durations: Durations;
}

/** Counts the requests that were answered. */
export class HttpMetrics {
  readonly #byRoute = new Map<string, Answered>();
  /** Requests that are not answered yet. */
  inFlight = 0;

  /** A request of `route`, such as `GET /v1/kv/:key`, was answered after `seconds`. */
  answered(route: string, status: number, seconds: number): void {
    let answered = this.#byRoute.get(route);
    if (answered === undefined) {
      answered = { byStatus: new Map(), durations: new Durations() };
      this.#byRoute.set(route, answered);
    }
    answered.byStatus.set(status, (answered.byStatus.get(status) ?? 0) + 1);
    answered.durations.add(seconds);
  }

  /** Tells a registry of them. */
  tell(registry: Registry): void {
    for (const [route, { byStatus, durations }] of this.#byRoute) {
      for (const [code, count] of byStatus) {
        const about = "Requests answered (499: the client left before)";
        const labels = { route, status: String(code) };
        registry.count("quorate_http_requests_total", count, about, labels);
      }
      const about = "From a request's head to the end of its answer";
      registry.durations("quorate_http_request_duration_seconds", durations, about, { route });
    }
    registry.gauge("quorate_http_requests_in_flight", this.inFlight, "Requests not answered yet");
  }
}

type Labels = Readonly<Record<string, string>>;

/** Series by name and labels, filled for one answer. */
class Registry {
  readonly #context = Context.make(Metric.MetricRegistry, new Map());

  count(name: string, value: number, description?: string, attributes: Labels = {}): void {
    Metric.counter(name, { description, attributes }).updateUnsafe(value, this.#context);
  }

  gauge(name: string, value: number, description: string, attributes: Labels = {}): void {
    Metric.gauge(name, { description, attributes }).updateUnsafe(value, this.#context);
  }

  durations(name: string, durations: Durations, description: string, attributes: Labels = {}) {
    const { state } = durations;
    const boundaries = state.buckets.map(([bound]) => bound);
    const histogram = Metric.histogram(name, { description, attributes, boundaries });
    const ignored = (): void => {};
    Metric.registerUnsafe(histogram, this.#context, {
      get: () => state,
      update: ignored,
      modify: ignored,
    });
  }

  get text(): string {
    return PrometheusMetrics.formatUnsafe(this.#context);
  }
}

/** What is among a server's counters and may fall: how much of something there is now. */
const GAUGES: Readonly<Record<string, string>> = {
  requests_pending: "Requests of this server's host that are not answered yet",
  transport_inbound: "Connections from peers now",
  transport_outbound: "Peers that this server is connected to now",
};

const ROLES: readonly Status["role"][] = ["follower", "pre-candidate", "candidate", "leader"];

function tellStatus(registry: Registry, status: Status): void {
  for (const role of ROLES) {
    const about = "1 for the role that this server has";
    registry.gauge("quorate_role", role === status.role ? 1 : 0, about, { role });
  }
  const gauges: readonly [name: string, value: number, description: string][] = [
    ["has_leader", status.leaderId === null ? 0 : 1, "Whether this server knows who leads"],
    ["term", status.term, "The current term"],
    ["commit_index", status.commitIndex, "The last entry known to be committed"],
    ["applied_index", status.appliedIndex, "The last entry applied to the state machine"],
    ["last_index", status.lastIndex, "The log's last entry"],
    ["snapshot_index", status.snapshotIndex, "The log begins after this entry"],
  ];
  for (const [name, value, about] of gauges) registry.gauge(`quorate_${name}`, value, about);
  for (const { id, matchIndex } of status.peers) {
    const lag = Math.max(0, status.lastIndex - matchIndex);
    const about = "Entries that a peer is not known to have, on the leader";
    registry.gauge("quorate_peer_lag_entries", lag, about, { peer: id });
  }
}

function tellProcess(registry: Registry): void {
  const { rss, heapUsed } = process.memoryUsage();
  registry.gauge("process_resident_memory_bytes", rss, "Resident memory");
  registry.gauge("quorate_heap_used_bytes", heapUsed, "JavaScript's heap in use");
  registry.gauge("quorate_uptime_seconds", Math.round(process.uptime()), "Since the process began");
}

/** Where metrics come from. */
export interface MetricSources {
  readonly status: Status;
  readonly counters: Counters;
  /** Null where it is not known. */
  readonly disk: DiskUsage | null;
  readonly http: HttpMetrics;
  /** How long durable writes took; null where nobody has measured. */
  readonly writes: Durations | null;
}

/** The metrics of a server, its API and its process. */
export function metricsText({ status, counters, disk, http, writes }: MetricSources): string {
  const registry = new Registry();
  tellStatus(registry, status);
  for (const [part, bytes] of Object.entries(disk ?? {})) {
    registry.gauge("quorate_storage_bytes", bytes, "Bytes of files", { part });
  }
  if (writes !== null) {
    const about = "Durable writes of terms, votes and entries, from asked for to done";
    registry.durations("quorate_storage_write_duration_seconds", writes, about);
  }
  for (const [name, value] of Object.entries(counters)) {
    const about = GAUGES[name];
    if (about === undefined) registry.count(`quorate_${name}_total`, value);
    else registry.gauge(`quorate_${name}`, value, about);
  }
  http.tell(registry);
  tellProcess(registry);
  return registry.text;
}
