/** What is compared: a cluster of three processes that keeps values by key. */

/** One request as a template: `KEY` in path and body stands for the key, of `KEY_DIGITS` digits. */
export interface Template {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/**
 * A key is a number in so many digits. As base64 they are nine bytes, so that etcd, whose gateway
 * takes keys in base64, needs no encoder in the load.
 */
export const KEY_DIGITS = 12;

/** The value that every put writes: 256 bytes. */
export const VALUE = "v".repeat(256);

/** The servers of a cluster are numbered from 0. */
export interface System {
  readonly name: string;
  /** Where clients reach each server. */
  readonly urls: readonly string[];
  readonly put: Template;
  /** A linearizable read. */
  readonly get: Template;
  /** Answers 200 once the server has caught up with a leader. */
  readonly ready: string;
  /** The number of the server that leads, null while none says so. */
  leader(): Promise<number | null>;
  /** The process that is this server now. */
  pid(server: number): number;
  /**
   * Kills the server (SIGKILL) and starts it again, at once or soon; gives when its new process
   * was started, by `performance.now()`.
   */
  crash(server: number): { readonly restarted: Promise<number> };
}

/** One request; null where no answer came. Never rejects. */
export async function ask(
  url: string,
  template: Template,
  key = 0,
): Promise<{ readonly status: number; readonly body: unknown } | null> {
  const text = String(key).padStart(KEY_DIGITS, "0");
  try {
    const response = await fetch(`${url}${template.path.replace("KEY", text)}`, {
      method: template.method,
      signal: AbortSignal.timeout(10_000),
      headers: { "content-type": "application/json" },
      ...(template.body === "" ? {} : { body: template.body.replace("KEY", text) }),
    });
    return { status: response.status, body: JSON.parse((await response.text()) || "null") };
  } catch {
    return null;
  }
}

/** Waits until `look` gives something, looking every `everyMs`; fails after two minutes. */
export async function until<A>(
  what: string,
  everyMs: number,
  look: () => Promise<A | null>,
): Promise<A> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((done) => setTimeout(done, everyMs));
  }
  throw new Error(`${what}: not within two minutes`);
}
