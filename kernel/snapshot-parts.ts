/**
 * Snapshots in parts (thesis §5.1: writing one can take long, so it should not hold up the rest;
 * §5.2: states that share what they have in common let it go on beside the machine).
 */
import type { StateMachine } from "./state-machine.ts";

/** The text of `machine.snapshot(state)`, in the parts that the machine gives it in. */
export function snapshotParts<S>(machine: StateMachine<S, unknown>, state: S): Iterable<string> {
  return machine.snapshotParts?.(state) ?? [machine.snapshot(state)];
}

/** Where `text` begins to differ from the text of all `parts`; -1 where they are the same. */
export function differsAt(text: string, parts: Iterable<string>): number {
  let at = 0;
  for (const part of parts) {
    // Ten times as fast as `startsWith`, in V8.
    if (text.slice(at, at + part.length) !== part) {
      let i = 0;
      while (part[i] === text[at + i]) i++;
      return at + i;
    }
    at += part.length;
  }
  return at === text.length ? -1 : at;
}

/** `end`, or one less where that would cut a character in two: the halves mean nothing. */
export function endOfCharacter(text: string, end: number): number {
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}
