/** Random sequences of commands of sessions: few clients and numbers, so that they meet. */
import fc from "fast-check";
import { openSession, sessionCommand } from "../../kernel/index.ts";

/** Flat, so that it shrinks well. The text is drawn apart: a number may come with two. */
const sent = fc.record({
  client: fc.integer({ min: 1, max: 5 }),
  sequence: fc.integer({ min: 1, max: 4 }),
  text: fc.constantFrom("a", "b", "", "1 2"),
});

export const sessionCommands: fc.Arbitrary<readonly string[]> = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(openSession) },
    {
      weight: 8,
      arbitrary: sent.map(({ client, sequence, text }) => sessionCommand(client, sequence, text)),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("", "x", "open-session ", "session 1 1", "session 0 1 x"),
    },
  ),
  { maxLength: 30, size: "max" },
);
