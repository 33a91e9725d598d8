/** Files that a user names. */
import { readFileSync } from "node:fs";
import { UsageError } from "./exit-codes.ts";

/** The text of a file. @throws UsageError where it cannot be read, after what named the file. */
export function readGiven(file: string, namedBy?: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const fault = `cannot read ${file}: ${(error as Error).message}`;
    throw new UsageError(namedBy === undefined ? fault : `${namedBy}: ${fault}`);
  }
}
