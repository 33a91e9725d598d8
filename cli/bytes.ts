/** Sizes for people. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** A number of bytes, in the unit that suits it: `812 B`, `4.1 MiB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // What would be rounded to four digits is one of the next unit.
  for (; value >= 999.5 && unit < UNITS.length - 1; unit++) value /= 1024;
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
