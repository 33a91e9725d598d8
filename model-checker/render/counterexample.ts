/** A replayed trace for people: what was violated, what happened and changed, and the chart. */
import { always, PROGRESS, PROGRESS_RULE, sometimes } from "../../spec/index.ts";
import { CONFORMANCE } from "../conformance-contract.ts";
import { KERNEL_INVARIANTS } from "../evaluate.ts";
import type { ReplayStep } from "../replay.ts";
import { chartLegend, type Screen, sequenceChart } from "./sequence.ts";
import { counted } from "./words.ts";

/** What the property of that name demands, in a sentence. */
export function ruleOf(name: string): string {
  if (name === KERNEL_INVARIANTS) return "The kernel never contradicts itself: `step` is total.";
  if (name === CONFORMANCE) {
    return "Every kernel transition is a step of tla/Raft.tla, or a stutter.";
  }
  if (name === PROGRESS) return PROGRESS_RULE;
  return [...always, ...sometimes].find((property) => property.name === name)?.rule ?? "";
}

/** The numbered schedule with what each action changed, then the message-sequence chart. */
export function renderSteps(
  steps: readonly ReplayStep[],
  violation: string | null,
  screen: Screen,
): readonly string[] {
  if (steps.length === 0) return ["Nothing happens: the schedule is empty."];
  const margin = String(steps.length).length + 2;
  const schedule = steps.flatMap(({ text, changes }, i) => [
    `${String(i + 1).padStart(margin)}  ${text}`,
    ...changes.flatMap((change) => wrapped(change, margin + 6, screen.width, 2)),
  ]);
  return [
    `Schedule (${counted(steps.length, "action")}) and what changes:`,
    ...schedule,
    "",
    "Messages, from top to bottom:",
    `    ${chartLegend(screen)}`,
    "",
    ...sequenceChart(steps, violation === null ? null : `violates ${violation}`, screen),
  ];
}

/** `text` broken between words; from the second line on, `hang` columns further in. */
export function wrapped(text: string, indent: number, width: number, hang = 0): readonly string[] {
  const lines: string[] = [];
  let line = " ".repeat(indent);
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = " ".repeat(indent + hang);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
