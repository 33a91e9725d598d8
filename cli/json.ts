/** Results as JSON, which knows no infinity: what is unlimited says so, as it does in traces. */
import { boundText } from "../model-checker/trace.ts";

/** The text of `value`, indented. */
export function jsonText(value: unknown): string {
  const unlimited = Number.POSITIVE_INFINITY;
  const replaced = (_: string, it: unknown): unknown =>
    it === unlimited ? boundText(unlimited) : it;
  return JSON.stringify(value, replaced, 2);
}
