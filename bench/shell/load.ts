/** Load: `wrk` with a script in Lua, and a loader that puts every key once. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "./process.ts";
import { ask, KEY_DIGITS, type System, type Template } from "./system.ts";

/** What one run of the load came to; latencies in microseconds. */
export interface Point {
  /** Requests a second that were answered with success. */
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Answers with another status, connections that broke, requests that took over 10 s. */
  readonly errors: number;
}

interface Summary {
  readonly requests: number;
  readonly errors: number;
  readonly refused: number;
  readonly microseconds: number;
  readonly p50: number;
  readonly p99: number;
}

/** A text as an expression of Lua, in which the key stands where `KEY` was. */
function luaText(text: string): string {
  return text
    .split("KEY")
    .map((part) => JSON.stringify(part))
    .join(" .. key .. ");
}

/** The script: keys at random below `keys`, the same ones in every run; a line of JSON at the end. */
function luaScript({ method, path, body }: Template, keys: number): string {
  return `local headers = { ["Content-Type"] = "application/json" }
request = function()
  local key = string.format("%0${KEY_DIGITS}d", math.random(0, ${keys - 1}))
  local body = ${body === "" ? "nil" : luaText(body)}
  return wrk.format("${method}", ${luaText(path)}, headers, body)
end
done = function(summary, latency)
  local e = summary.errors
  local broken = e.connect + e.read + e.write + e.timeout
  io.write(string.format(
    '{"requests":%d,"refused":%d,"errors":%d,"microseconds":%d,"p50":%d,"p99":%d}\\n',
    summary.requests, e.status, e.status + broken, summary.duration,
    latency:percentile(50), latency:percentile(99)))
end
`;
}

/** Runs `wrk` against `url` for so many seconds; its script goes to `place`. */
export async function runLoad(
  url: string,
  template: Template,
  run: { readonly connections: number; readonly seconds: number; readonly keys: number },
  place: string,
): Promise<Point> {
  const script = join(place, "load.lua");
  writeFileSync(script, luaScript(template, run.keys));
  const counts = ["-t", "1", "-c", String(run.connections), "-d", `${run.seconds}s`];
  const child = start("wrk", [...counts, "--timeout", "10s", "-s", script, url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(child, "close");
  const line = output.split("\n").find((it) => it.startsWith("{"));
  if (line === undefined) throw new Error(`wrk against ${url} gave no figures: ${output}`);
  const { requests, refused, errors, microseconds, p50, p99 } = JSON.parse(line) as Summary;
  return { perSecond: (requests - refused) / (microseconds / 1e6), p50, p99, errors };
}

/** How many requests the loader has under way. */
const AT_ONCE = 256;

/** Puts each of the keys below `keys` once, at the leader; throws where one is refused. */
export async function loadKeys(system: System, leader: number, keys: number): Promise<void> {
  const url = system.urls[leader] as string;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < keys) {
      const key = next++;
      const answer = await ask(url, system.put, key);
      if (answer?.status !== 200) {
        throw new Error(`${system.name}: put of key ${key} gave ${answer?.status ?? "no answer"}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
