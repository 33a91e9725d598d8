/** Three servers of this project, by `quorate cluster`, as the package has it: compiled. */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { giveUp, start } from "./process.ts";
import { ask, type System, VALUE } from "./system.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const PORT = 18_401;
const STATUS = { method: "GET", path: "/v1/status", body: "" };

interface Note {
  readonly event: string;
  readonly id: string | null;
  readonly pid: number | null;
  readonly text: string;
}

/** Starts the cluster; its data goes to `place`. */
export function startQuorate(place: string): System {
  const pids: number[] = [];
  const waiting = new Map<number, (at: number) => void>();
  const words = ["cluster", "--servers", "3", "--port", String(PORT), "--json"];
  const child = start(process.execPath, [MAIN, ...words, "--data-dir", join(place, "quorate")], {
    // Ctrl-C is for this process, which asks the cluster to end.
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
    const { event, id, pid, text } = JSON.parse(line) as Note;
    if (event === "broken") giveUp(`quorate: ${text}`);
    if (event !== "started" || id === null || pid === null) return;
    const server = Number(id.slice(1)) - 1;
    pids[server] = pid;
    waiting.get(server)?.(performance.now());
  });
  const urls = [0, 1, 2].map((at) => `http://127.0.0.1:${PORT + at}`);
  return {
    name: "quorate",
    urls,
    put: { method: "PUT", path: "/v1/kv/KEY", body: JSON.stringify({ value: VALUE }) },
    get: { method: "GET", path: "/v1/kv/KEY", body: "" },
    ready: "/ready",
    async leader() {
      for (const [at, url] of urls.entries()) {
        const answer = await ask(url, STATUS);
        if ((answer?.body as { role?: string } | null)?.role === "leader") return at;
      }
      return null;
    },
    pid: (server) => pids[server] as number,
    crash(server) {
      const restarted = new Promise<number>((done) => waiting.set(server, done));
      process.kill(pids[server] as number, "SIGKILL");
      return { restarted };
    },
  };
}
