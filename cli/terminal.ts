/** What the terminal can show, and how the command lives with it. */
import type { Screen } from "../model-checker/render/sequence.ts";

const PLAIN_WIDTH = 80;
const WIDEST = 120;

/** The room for text on standard output, and whether its locale goes beyond ASCII. */
export function screen(env = process.env, columns = process.stdout.columns): Screen {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  const unicode = process.platform === "win32" || /utf-?8/i.test(locale);
  return { width: Math.min(columns || PLAIN_WIDTH, WIDEST), unicode };
}

/** Text in bold and in a colour, or as it is. */
export type Paint = (text: string, colour: "red" | "green" | "yellow") => string;

const CODES = { red: 31, green: 32, yellow: 33 };

/** How to emphasise, where colours can be shown. */
export function paint(canColor: boolean): Paint {
  return (text, colour) => (canColor ? `\u001b[1;${CODES[colour]}m${text}\u001b[0m` : text);
}

/** Whether a line on standard error can be rewritten in place. */
export function canRewrite(): boolean {
  return process.stderr.isTTY === true && process.env["TERM"] !== "dumb";
}

/** Rewrites the last line of the terminal; an empty text clears it. */
export function rewrite(text: string): void {
  process.stderr.write(`\r\u001b[2K${text.slice(0, (process.stderr.columns || PLAIN_WIDTH) - 1)}`);
}

/** Prints lines to standard output. */
export function printLines(lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Whoever reads our output may stop (`| head`): then the answer given so far is the answer. */
export function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit();
      throw error;
    });
  }
}
