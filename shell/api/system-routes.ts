/** Operations for those who run servers: probes, metrics, documents. */
import * as Effect from "effect/Effect";
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
        Effect.flatMap(server.status, ({ leaderId, appliedIndex, commitIndex }) => {
          const reason = stopped();
          if (reason !== null) return Effect.fail(new Problem({ code: "stopped", detail: reason }));
          if (leaderId !== null && appliedIndex >= commitIndex) return Effect.succeed(done);
          const lag = `entry ${appliedIndex} of ${commitIndex} is applied`;
          const detail = leaderId === null ? "no leader is known" : lag;
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
