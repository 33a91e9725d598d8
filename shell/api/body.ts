/** The body of a request: JSON, and not too long. */
import type { IncomingMessage } from "node:http";
import { Problem } from "./problem.ts";

/** Whether a request comes with a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

/**
 * Reads the body, of at most `maxBytes`; gives it parsed, undefined where there is none, or the
 * problem. `use` is called once, or never where the connection breaks first.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  use: (body: unknown) => void,
): void {
  if (!hasBody(request)) return use(undefined);
  const { headers } = request;
  // Made only where it is: an error with its stack took a tenth of what a request takes.
  const tooLarge = (): Problem => {
    return new Problem({ code: "too-large", detail: `body: more than ${maxBytes} bytes` });
  };
  if (Number(headers["content-length"]) > maxBytes) return use(tooLarge());
  const type = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  // Also keeps pages of other sites out: a browser asks before it sends this across sites.
  if (type !== "application/json") {
    const detail = `content-type: expected application/json, got ${type ?? "none"}`;
    return use(new Problem({ code: "unsupported-media-type", detail }));
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isOver = false;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (isOver) return;
    if (bytes <= maxBytes) return void chunks.push(chunk);
    isOver = true;
    use(tooLarge());
  });
  request.on("end", () => {
    if (!isOver) use(parsed(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
  });
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    return new Problem({ code: "malformed", detail: `body: ${(error as Error).message}` });
  }
}
