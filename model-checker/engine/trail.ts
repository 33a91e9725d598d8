/**
 * How every state was reached, in two bytes a state. States are numbered in the order they are
 * found, and breadth-first search expands them in that order, so parents are monotone: how many
 * states each found, and by which of its parent's actions each was found, tell the whole tree.
 */
import { ByteList } from "./growable.ts";

/** The most actions of one state: their numbers, and how many led to new states, fit a byte. */
export const MAX_ACTIONS = 255;

/** The search tree. State 0 is the initial one. */
export class Trail {
  private readonly childCounts = new ByteList();
  private readonly ordinals = new ByteList();
  /** States found so far by the parent whose count comes next. */
  private children = 0;

  /** Bytes held. */
  get bytes(): number {
    return this.childCounts.bytes + this.ordinals.bytes;
  }

  /** A new state was found by action number `ordinal` of `parent`; parents never decrease. */
  add(parent: number, ordinal: number): void {
    while (this.childCounts.length < parent) {
      this.childCounts.push(this.children);
      this.children = 0;
    }
    this.ordinals.push(ordinal);
    this.children += 1;
  }

  /** The ordinals of the actions from the initial state to the state of that number. */
  pathTo(state: number): readonly number[] {
    const path: number[] = [];
    let parent = this.childCounts.length;
    // States found by parents before `parent`, the initial state included.
    let found = this.ordinals.length + 1 - this.children;
    for (let at = state; at > 0; at = parent) {
      path.push(this.ordinals.at(at - 1));
      while (found > at) {
        parent -= 1;
        found -= this.childCounts.at(parent);
      }
    }
    return path.reverse();
  }
}
