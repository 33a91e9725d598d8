/** Clients that put and get a few keys, and write down what they saw. */
import type { HistoryEvent } from "../../spec/linearizability/index.ts";

/** An answer, or null where none came; `isSure` where nothing can have happened then. */
type Reply =
  | { readonly status: number; readonly body: Readonly<Record<string, unknown>> }
  | { readonly status: null; readonly isSure: boolean };

/** One request, with a token where servers ask for one. Never rejects. */
export async function request(
  method: string,
  url: string,
  body?: unknown,
  token?: string,
): Promise<Reply> {
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(5_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    return { status: response.status, body: (await response.json()) as never };
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    return { status: null, isSure: cause?.code === "ECONNREFUSED" };
  }
}

/** How clients go about it. */
export interface LoadOptions {
  /** So many of the clients stay with a server each, whatever it answers: the first, and so on. */
  readonly staying?: number;
  /** How long each client rests after an operation that succeeded, in milliseconds. 0. */
  readonly restMs?: number;
  readonly token?: string;
}

/** How an operation ended, where, and at which event it began. */
export interface Answer {
  readonly url: string;
  readonly invoked: number;
  readonly outcome: "ok" | "fail" | "info";
}

/** Clients at work from the start on until `stop`. */
export class Load {
  readonly events: HistoryEvent[] = [];
  readonly answers: Answer[] = [];
  readonly #options: LoadOptions;
  readonly #urls: readonly string[];
  readonly #clients: readonly Promise<void>[];
  #isStopping = false;
  #processes = 0;
  #leader = 0;
  /** How many operations succeeded, and who waits for what. */
  succeeded = 0;
  readonly #waiting = new Set<() => void>();

  constructor(urls: readonly string[], clients: number, options: LoadOptions = {}) {
    this.#urls = urls;
    this.#options = options;
    this.#clients = Array.from({ length: clients }, (_, at) => this.#work(at));
  }

  /** Waits until `more` operations have succeeded. */
  async progress(more: number): Promise<void> {
    const goal = this.succeeded + more;
    return this.until(() => this.succeeded >= goal);
  }

  /** Waits until `holds` does, which is looked at after every answer. */
  async until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#clients);
  }

  async #work(client: number): Promise<void> {
    const { staying = 0, restMs = 0, token } = this.#options;
    let process = ++this.#processes;
    for (let turn = 0; !this.#isStopping; turn++) {
      const key = `k${(client + turn) % 3}`;
      const isPut = turn % 2 === 0;
      const value = `${client}.${turn}`;
      const event = { process: String(process), f: isPut ? "put" : "get", key };
      const url = this.#urls[client < staying ? client : this.#leader] as string;
      const invoked = this.events.length;
      this.#note({ ...event, type: "invoke", value: isPut ? value : null });
      const reply = await (isPut
        ? request("PUT", `${url}/v1/kv/${key}`, { value }, token)
        : request("GET", `${url}/v1/kv/${key}`, undefined, token));
      const outcome = this.#outcomeOf(reply);
      const seen = isPut ? value : reply.status === 200 ? reply.body["value"] : "";
      this.#note({ ...event, type: outcome, value: seen as string });
      // Whoever does not know how it went goes on as somebody else.
      if (outcome === "info") process = ++this.#processes;
      if (outcome === "ok") this.succeeded++;
      this.answers.push({ url, invoked, outcome });
      for (const look of this.#waiting) look();
      const rest = outcome === "ok" ? restMs : 20;
      if (outcome !== "ok" && client >= staying) this.#lookElsewhere(reply);
      if (rest > 0) await new Promise((done) => setTimeout(done, rest));
    }
  }

  #note(event: Omit<HistoryEvent, "line">): void {
    this.events.push(event as HistoryEvent);
  }

  #outcomeOf(reply: Reply): "ok" | "fail" | "info" {
    if (reply.status === null) return reply.isSure ? "fail" : "info";
    if (reply.status === 200) return "ok";
    const code = reply.body["code"];
    // A key that is absent is an answer, too.
    if (code === "not-found") return "ok";
    return code === "outcome-unknown" || code === "internal" ? "info" : "fail";
  }

  #lookElsewhere(reply: Reply): void {
    const leader = reply.status === null ? null : (reply.body["leader"] as { url: string } | null);
    const at = this.#urls.indexOf(leader?.url ?? "");
    this.#leader = at >= 0 ? at : (this.#leader + 1) % this.#urls.length;
  }
}

/** The id of the server that leads, once one does and the server itself says so. */
export async function leaderOf(urls: readonly string[], not = "", token?: string): Promise<string> {
  for (;;) {
    for (const url of urls) {
      const { status, ...reply } = await request("GET", `${url}/v1/status`, undefined, token);
      const body = "body" in reply ? reply.body : {};
      if (status === 200 && body["role"] === "leader" && body["id"] !== not) {
        return body["id"] as string;
      }
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}
