/** What a server says of itself. */
import { expect, it } from "vitest";
import { noteText } from "../../cli/serve-conduct.ts";

it("only a server that leads speaks of handing over", () => {
  const note = { event: "stopping", id: "n1", reason: "a signal came" } as const;
  expect(noteText({ ...note, successor: null })).toBe("n1 is stopping: a signal came");
  expect(noteText({ ...note, successor: "n2" })).toBe(
    "n1 is stopping: a signal came; n2 is asked to lead first",
  );
});
