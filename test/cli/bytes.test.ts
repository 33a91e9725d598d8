/** Sizes as people read them. */
import { expect, it } from "vitest";
import { bytesText } from "../../cli/bytes.ts";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 KiB"],
  [10_189, "10 KiB"],
  [1023 * 1024, "1.0 MiB"],
  [4.13 * 2 ** 20, "4.1 MiB"],
  [1.5 * 2 ** 40, "1.5 TiB"],
  [5000 * 2 ** 40, "5000 TiB"],
])("%s bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});
