/** SIGHUP before, while and after there is something to be done at it. */
import { expect, it } from "vitest";
import { onHangUp } from "../../cli/hang-up.ts";

const signal = (): boolean => process.emit("SIGHUP", "SIGHUP");

it("a signal that comes too early is heeded once, when it can be, and later ones at once", () => {
  const before = process.listenerCount("SIGHUP");
  let done = 0;
  const hangUp = onHangUp(() => {
    done++;
  });
  signal();
  signal();
  expect(done).toBe(0);
  hangUp.begin();
  expect(done).toBe(1);
  signal();
  expect(done).toBe(2);
  hangUp.dispose();
  expect(process.listenerCount("SIGHUP")).toBe(before);
});

it("without a signal there is nothing to be done", () => {
  let done = 0;
  const hangUp = onHangUp(() => {
    done++;
  });
  hangUp.begin();
  hangUp.dispose();
  expect(done).toBe(0);
});
