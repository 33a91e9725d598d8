/**
 * What a client may rely on when it reads. Thesis §6.3, §6.4. TLA+: ReadsAreLinearizableInv.
 *
 * Why a demand on each read by itself makes whole histories linearizable. A history of commands
 * and reads is linearizable if all operations that took effect can be put in one order that
 * respects real time (what ended before another began comes before it) and in which each gets the
 * answer that a single state machine would give. The order is: the committed entries in the order
 * of the log, and each read after the entry up to which its state machine had applied when it
 * answered, reads of the same place in the order of their answers.
 *
 * - Each answer is what a single machine gives: entries are applied in order, the same everywhere
 *   (State Machine Safety, Applies What It Commits), so the state at a place of the log is one.
 * - A command before a read: its client was told once it was committed, so the read, asked later,
 *   has a floor of at least its index (this property), and is answered there or beyond.
 * - A read before a read: what the first was answered from was applied, so committed, when the
 *   second was asked, and lies within its floor. At the same place the order of answers decides.
 * - Anything before a command: a command's place was committed when its client was told, a read's
 *   when it was answered. When the later command is proposed, all places up to there are taken by
 *   other entries for ever (State Machine Safety), so its own is greater.
 *
 * `floor` is what any server had committed, not what clients were told, and `index` is where the
 * host may answer at the earliest: both make the demand stronger than it needs to be.
 *
 * What is left to the linearizability checker, which looks at histories of clients alone: that a
 * host does as it is told (it applies in order, answers once its machine has applied `index` and
 * not before, and never uses a read's name twice), that state machines are deterministic, and that
 * retried commands take effect once (sessions). Here there is no state machine, and no response.
 */
import type { Always } from "./property.ts";

/**
 * A read sees everything that was committed, so everything that any client was told of, before
 * it was asked for; and it is answered at most once.
 */
export const readsAreLinearizable: Always = {
  kind: "always",
  name: "Reads Are Linearizable",
  rule: "A read is answered with at least what was committed when it was asked (thesis §6.4).",
  over: "history",
  holds: ({ reads }) =>
    reads.every(({ outcome }) => outcome !== "stale" && outcome !== "answered twice"),
};
