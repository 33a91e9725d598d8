/** No "sometimes" property is reached by nothing; that each can be reached, schedules show. */
import { describe, expect, it } from "vitest";
import { sometimes } from "../../spec/index.ts";
import { server } from "../kernel/build.ts";
import { quietly, viewOf } from "./build.ts";

describe("sometimes", () => {
  it.each(sometimes.map((property) => [property.name, property] as const))(
    "%s is not reached while nothing happens",
    (_, property) => {
      const idle = server();
      const isReached =
        property.over === "step"
          ? property.reached(quietly(idle, {}))
          : property.reached(viewOf(idle));
      expect(isReached).toBe(false);
    },
  );

  it("has names that differ", () => {
    expect(new Set(sometimes.map(({ name }) => name)).size).toBe(sometimes.length);
  });
});
