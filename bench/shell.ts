/**
 * `npm run bench:shell`: the whole service, three servers on this machine and disk, next to
 * Debian's etcd under the same load. Figures of one machine mean little: read the ratios.
 *
 *   npm run bench:shell                              5 s a point, 1 to 1000 connections
 *   npm run bench:shell -- --seconds 1 --connections 1,64 --keys 1000
 *
 * Needs Debian's `wrk`; without `etcd` (Debian's `etcd-server`) only this project is measured.
 * Both clusters run throughout and take turns, so that a slow moment of the disk hits both.
 */
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { tableLines } from "../cli/table.ts";
import { defaultTiming } from "../shell/driver/timers.ts";
import { crashFigures, ready } from "./shell/crashes.ts";
import { startEtcd } from "./shell/etcd.ts";
import { loadKeys, type Point, runLoad } from "./shell/load.ts";
import { cleanUp, isInstalled, makePlace, residentBytes } from "./shell/process.ts";
import { startQuorate } from "./shell/quorate.ts";
import { type System, until } from "./shell/system.ts";

/** Leaders killed for each system. */
const FAILOVERS = 5;

interface Options {
  readonly seconds: number;
  readonly connections: readonly number[];
  readonly keys: number;
}

/** Throws where an option is unknown or no positive whole number. */
function optionsOf(words: readonly string[]): Options {
  const text = (value: string) => ({ type: "string", default: value }) as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      seconds: text("5"),
      connections: text("1,16,64,256,1000"),
      keys: text("100000"),
    },
  });
  const whole = (name: string, value: string): number => {
    if (/^[1-9][0-9]{0,6}$/.test(value)) return Number(value);
    throw new Error(`--${name}: ${value}: expected whole numbers from 1`);
  };
  return {
    seconds: whole("seconds", values.seconds),
    connections: values.connections.split(",").map((it) => whole("connections", it)),
    keys: whole("keys", values.keys),
  };
}

/** Wide enough for what comes: a line is printed as soon as it was measured. */
const LAYOUT = { words: 2, widths: [9, 21, 12, 9, 9, 7, 7], isIndented: true };

function row(cells: readonly (string | number)[]): string {
  const texts = cells.map((cell) =>
    typeof cell === "number" ? Math.round(cell).toLocaleString("en-US") : cell,
  );
  return tableLines([texts], LAYOUT).join();
}

/** Ours by etcd's; a run with errors is no result. */
function ratio(ours: Point | undefined, theirs: Point | undefined): string {
  if (ours === undefined || theirs === undefined) return "";
  if (ours.errors + theirs.errors > 0) return "none";
  return (ours.perSecond / theirs.perSecond).toFixed(2);
}

const leaderOf = (system: System): Promise<number> =>
  until(`a leader of ${system.name}`, 50, () => system.leader());

const milliseconds = (us: number): string => (us / 1000).toFixed(2);

/** Measures one operation of every system at each number of connections, and prints it. */
async function loadTable(
  kind: "put" | "get",
  systems: readonly System[],
  options: Options,
  place: string,
): Promise<void> {
  console.log(kind === "put" ? "durable puts of 256 bytes" : "linearizable reads");
  console.log(row(["", "connections", "ops/s", "p50 ms", "p99 ms", "errors", "ratio"]));
  for (const connections of options.connections) {
    const points: Point[] = [];
    for (const system of systems) {
      const url = system.urls[await leaderOf(system)] as string;
      const run = { connections, seconds: options.seconds, keys: options.keys };
      const point = await runLoad(url, system[kind], run, place);
      points.push(point);
      const { perSecond, p50, p99, errors } = point;
      const figures = [perSecond, milliseconds(p50), milliseconds(p99), errors];
      const compared = ratio(points[0], points[1]);
      console.log(row([system.name, String(connections), ...figures, compared]));
    }
  }
}

async function measure(options: Options): Promise<void> {
  const place = makePlace();
  const { length, 0: first } = cpus();
  console.log(`Node ${process.version}, ${length} x ${first?.model}; data in ${place}`);
  const systems = [startQuorate(place)];
  if (isInstalled("etcd")) systems.push(startEtcd(place));
  else console.log("etcd is not installed (Debian: etcd-server): only quorate is measured");
  for (const system of systems) {
    for (const at of system.urls.keys()) await ready(system, at);
    await loadKeys(system, await leaderOf(system), options.keys);
  }
  await loadTable("put", systems, options, place);
  await loadTable("get", systems, options, place);
  console.log("memory of each server, after that");
  for (const system of systems) {
    const servers = [...system.urls.keys()];
    const megabytes = servers.map((at) => residentBytes(system.pid(at)) / 2 ** 20);
    console.log(row([system.name, `${megabytes.map((it) => it.toFixed(0)).join(", ")} MiB`]));
  }
  await crashTable(systems, options.keys);
}

/** Election timeouts are each system's defaults: most of a failover is waiting for one. */
async function crashTable(systems: readonly System[], count: number): Promise<void> {
  const keys = count.toLocaleString("en-US");
  const { electionTimeout: ours } = defaultTiming;
  console.log(
    `kill -9 of a leader, median of ${FAILOVERS}; election timeouts from ${ours} ms (quorate)`,
  );
  console.log(`  and from 1000 ms (etcd); restart of a server with ${keys} keys, median of 3`);
  console.log(row(["", "a leader works after", "answers", "ready"]));
  for (const system of systems) {
    const { failoverMs, answersMs, readyMs } = await crashFigures(system, FAILOVERS);
    const figures = [failoverMs, answersMs, readyMs].map((ms) => `${ms.toFixed(0)} ms`);
    console.log(row([system.name, ...figures]));
  }
}

async function main(words: readonly string[]): Promise<void> {
  const options = optionsOf(words);
  if (!isInstalled("wrk")) {
    console.log("wrk is not installed (Debian: wrk): nothing is measured");
    return;
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void cleanUp().then(() => process.exit(130)));
  }
  try {
    await measure(options);
  } finally {
    await cleanUp();
  }
}

await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
