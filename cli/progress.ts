/** Figures for people, and the line that shows how far a check has come. */
import type { CheckProgress } from "../model-checker/result.ts";

/** A count with separators: 51,234,567. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** A count, rounded: 51.2M. */
export function rounded(count: number): string {
  if (count < 1e3) return String(Math.round(count));
  for (const [unit, size] of [
    ["k", 1e3],
    ["M", 1e6],
  ] as const) {
    if (count < 999.5 * size) return `${(count / size).toPrecision(3)}${unit}`;
  }
  return `${(count / 1e9).toFixed(2)}G`;
}

/** An amount of memory: 1.25 GiB. */
export function memory(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 1000 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(2)} GiB`;
}

/** A time: 12.3 s, 4 min 05 s, 1 h 02 min. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** How far a check has come, in one line. */
export function progressLine(progress: CheckProgress): string {
  const { distinct, depth, queue, seconds, memoryBytes } = progress;
  const rate = seconds > 0 ? distinct / seconds : 0;
  return [
    `${grouped(distinct)} states`,
    `depth ${depth}`,
    `${rounded(rate)}/s`,
    `queue ${rounded(queue)}`,
    memory(memoryBytes),
    duration(seconds),
  ].join("  ");
}
