/** Operations for those who run servers: probes, metrics, documents. */
import * as Effect from "effect/Effect";
import type { Status } from "../driver/server.ts";
import { openApi } from "./definition.ts";
import { documentPage } from "./document-page.ts";
import { type MetricSources, metricsText } from "./metrics.ts";
import { Problem } from "./problem.ts";
import { done, json, type Route } from "./route.ts";

/** What these routes tell of. */
interface SystemOptions extends Pick<MetricSources, "http" | "writes"> {
  /** Why the server has stopped; null while it has not. */
  readonly stopped: () => string | null;
}

/** The routes. */
export function systemRoutes({ http, writes, stopped }: SystemOptions): readonly Route[] {
  const document = json(openApi);
  const page = { body: documentPage(openApi), contentType: "text/html; charset=utf-8" };
  const open = { method: "GET", role: null, changes: false } as const;
  return [
    {
      ...open,
      path: "/health",
      run: () => {
        const detail = stopped();
        if (detail === null) return Effect.succeed(done);
        return Effect.fail(new Problem({ code: "stopped", detail }));
      },
    },
    {
      ...open,
      path: "/ready",
      run: ({ server }) =>
        Effect.flatMap(server.status, (status) => {
          const reason = stopped();
          if (reason !== null) return Effect.fail(new Problem({ code: "stopped", detail: reason }));
          const detail = lackOf(status);
          if (detail === null) return Effect.succeed(done);
          return Effect.fail(new Problem({ code: "not-ready", detail }));
        }),
    },
    {
      ...open,
      path: "/metrics",
      role: "read",
      run: ({ server, disk }) =>
        Effect.map(
          Effect.all({ status: server.status, counters: server.counters, disk }),
          (sources) => ({
            body: metricsText({ ...sources, http, writes }),
            contentType: "text/plain; version=0.0.4; charset=utf-8",
          }),
        ),
    },
    { ...open, path: "/openapi.json", run: () => Effect.succeed(document) },
    { ...open, path: "/docs", run: () => Effect.succeed(page) },
  ];
}

/** What a server lacks to be of use to clients; null where it lacks nothing. */
function lackOf({ id, leaderId, appliedIndex, commitIndex, configuration }: Status): string | null {
  const { voters, outgoingVoters, learners } = configuration;
  if (voters.length === 0) {
    return `${id} has joined nothing yet: no log has come from a leader that was told of it`;
  }
  if (![...voters, ...outgoingVoters, ...learners].includes(id)) {
    return `${id} is no member, as far as it has the log: the voters are ${voters.join(", ")}`;
  }
  if (leaderId === null) return "no leader is known";
  return appliedIndex >= commitIndex ? null : `entry ${appliedIndex} of ${commitIndex} is applied`;
}
