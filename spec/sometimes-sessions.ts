/** What clients with sessions must be seen to do: try again, and come late. Thesis §6.3. */
import { parseSessionCommand } from "../kernel/index.ts";
import { entriesOf } from "./logs.ts";
import type { KernelStep, Sometimes } from "./property.ts";

interface Numbered {
  readonly client: number;
  readonly sequence: number;
}

/** The commands of sessions that a server knows to be committed after a step, in order. */
function committedCommands({ after }: KernelStep): readonly Numbered[] {
  return entriesOf(after.log).flatMap(({ index, payload }) => {
    if (index > after.commitIndex || payload.kind !== "command") return [];
    const command = parseSessionCommand(payload.command);
    return command.kind === "command" ? [command] : [];
  });
}

function sometimes(
  name: string,
  rule: string,
  isReached: (command: Numbered, earlier: Numbered) => boolean,
): Sometimes {
  const needs = { sessions: true, proposals: 5, log: 6 };
  const reached = (step: KernelStep): boolean => {
    const commands = committedCommands(step);
    return commands.some((command, i) =>
      commands
        .slice(0, i)
        .some((earlier) => earlier.client === command.client && isReached(command, earlier)),
    );
  };
  return { kind: "sometimes", name, rule, needs, over: "step", reached };
}

export const sessionsSometimes: readonly Sometimes[] = [
  sometimes(
    "retry committed",
    "A client's command is committed a second time (§6.3).",
    (command, earlier) => command.sequence === earlier.sequence,
  ),
  sometimes(
    "late command committed",
    "A command is committed after a later one of its session (§6.3).",
    (command, earlier) => command.sequence < earlier.sequence,
  ),
];
