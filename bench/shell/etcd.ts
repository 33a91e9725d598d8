/** Three servers of etcd, with its defaults, spoken to through its JSON gateway. */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { giveUp, start } from "./process.ts";
import { ask, type System, VALUE } from "./system.ts";

const PORT = 18_411;
const PEER_PORT = 19_411;
const SERVERS = [0, 1, 2];
const STATUS = { method: "POST", path: "/v3/maintenance/status", body: "{}" };

interface Status {
  readonly header?: { readonly member_id?: string };
  readonly leader?: string;
}

const clientUrl = (at: number): string => `http://127.0.0.1:${PORT + at}`;
const peerUrl = (at: number): string => `http://127.0.0.1:${PEER_PORT + at}`;

function startMember(place: string, at: number): ChildProcess {
  const flags = {
    name: `e${at}`,
    "data-dir": join(place, `etcd-${at}`),
    "listen-client-urls": clientUrl(at),
    "advertise-client-urls": clientUrl(at),
    "listen-peer-urls": peerUrl(at),
    "initial-advertise-peer-urls": peerUrl(at),
    "initial-cluster": SERVERS.map((it) => `e${it}=${peerUrl(it)}`).join(","),
    "log-level": "panic",
    logger: "zap",
  };
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const child = start("etcd", words, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
  // It warns of every client that leaves: what it said matters only where it ends.
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-1000);
  });
  child.once("close", (code, signal) => {
    if (signal === null) giveUp(`etcd: server ${at} ended with exit code ${code}: ${said}`);
  });
  return child;
}

/** Starts the cluster; its data goes to `place`. */
export function startEtcd(place: string): System {
  const members = SERVERS.map((at) => startMember(place, at));
  const value = Buffer.from(VALUE).toString("base64");
  return {
    name: "etcd",
    urls: SERVERS.map(clientUrl),
    put: { method: "POST", path: "/v3/kv/put", body: JSON.stringify({ key: "KEY", value }) },
    get: { method: "POST", path: "/v3/kv/range", body: JSON.stringify({ key: "KEY" }) },
    ready: "/health",
    async leader() {
      for (const at of SERVERS) {
        const answer = await ask(clientUrl(at), STATUS);
        const { header, leader } = (answer?.body ?? {}) as Status;
        if (leader !== undefined && leader === header?.member_id) return at;
      }
      return null;
    },
    pid: (server) => members[server]?.pid as number,
    crash(server) {
      const child = members[server] as ChildProcess;
      const restarted = new Promise<number>((done) => {
        child.once("close", () => {
          members[server] = startMember(place, server);
          done(performance.now());
        });
      });
      child.kill("SIGKILL");
      return { restarted };
    },
  };
}
