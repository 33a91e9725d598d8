/** One `quorate serve` with real certificates: what it is told by files, flags and signals. */
import { type ChildProcess, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { identityUri, type TlsOptions } from "../../shell/transport/index.ts";
import { readExposition } from "../shell/api/exposition.ts";
import { type Authority, makeAuthority } from "../shell/transport/certificates.ts";
import { freePort } from "./real-cluster.ts";

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

interface Note {
  readonly event: string;
  readonly id: string;
  readonly reason?: string;
  readonly successor?: string | null;
}

/** `quorate serve --json` as n1, alone, and what it has said. */
class Served {
  readonly notes: Note[] = [];
  readonly child: ChildProcess;
  #look: () => void = () => {};

  constructor(flags: readonly string[]) {
    this.child = spawn(process.execPath, [MAIN, "serve", "--json", ...flags], {
      env: { ...process.env, NODE_V8_COVERAGE: undefined },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        this.notes.push(JSON.parse(line) as Note);
        this.#look();
      });
    }
    this.child.on("close", () => this.#look());
  }

  /** Waits for its next word after the `from`th that is of `event`. */
  async said(event: string, from = 0): Promise<Note> {
    for (;;) {
      const note = this.notes.slice(from).find((it) => it.event === event);
      if (note !== undefined) return note;
      if (this.child.exitCode !== null) throw new Error(JSON.stringify(this.notes));
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }

  /** Sends SIGHUP; gives what is said of it. */
  async hangUp(event: string): Promise<Note> {
    const from = this.notes.length;
    this.child.kill("SIGHUP");
    return await this.said(event, from);
  }

  async stop(): Promise<number | null> {
    if (this.child.exitCode === null) {
      const closed = once(this.child, "close");
      this.child.kill("SIGTERM");
      await closed;
    }
    return this.child.exitCode;
  }
}

let folder: string;
let authority: Authority;
let served: Served | null = null;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "quorate-serve-"));
  authority = await makeAuthority("ours");
});
afterEach(async () => {
  await served?.stop();
  served = null;
  rmSync(folder, { recursive: true, force: true });
});

const issue = (): Promise<TlsOptions> => authority.issue({ names: [identityUri("quorate", "n1")] });

/** The files of certificates, for peers and for clients; gives the flags that name them. */
function write(peer: TlsOptions, client: TlsOptions): readonly string[] {
  const files = {
    "peer-ca": peer.ca,
    "peer-cert": peer.cert,
    "peer-key": peer.key,
    "client-cert": client.cert,
    "client-key": client.key,
  };
  return Object.entries(files).flatMap(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return [`--${name}`, path];
  });
}

/** The certificate that is shown at a port. */
async function shown(port: number, own: TlsOptions): Promise<string> {
  const socket = connect({ port, ...own, rejectUnauthorized: false });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

interface Answer {
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

function get(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { rejectUnauthorized: false, agent: false }, (response) => {
      let body = "";
      response.on("data", (piece: Buffer) => {
        body += piece;
      });
      response.on("end", () => {
        const { statusCode: status, headers } = response;
        resolve({ status, retryAfter: headers["retry-after"], body });
      });
    });
    sent.on("error", reject).end();
  });
}

const fingerprint = ({ cert }: TlsOptions): string => new X509Certificate(cert).fingerprint256;

it("shows other certificates after SIGHUP, but none that would not do", {
  timeout: 120_000,
}, async () => {
  const [peer, client, one, two] = [await issue(), await issue(), await issue(), await issue()];
  const port = await freePort();
  const peerPort = port + 1000;
  const members = `n1=127.0.0.1:${peerPort}@https://127.0.0.1:${port}`;
  const place = ["--id", "n1", "--data-dir", join(folder, "data"), "--members", members];
  const flags = [...place, ...write(one, two), "--lease-reads"];
  served = new Served([...flags, "--rate-limit", "0.001", "--rate-burst", "4"]);
  await served.said("ready");
  const both = async () => [await shown(peerPort, peer), await shown(port, peer)];
  expect(await both()).toEqual([fingerprint(one), fingerprint(two)]);

  write(peer, client);
  expect(await served.hangUp("certificates")).toEqual({ event: "certificates", id: "n1" });
  expect(await both()).toEqual([fingerprint(peer), fingerprint(client)]);

  // One file that is bad is enough for nothing to change.
  write(one, { ...two, key: "no key" });
  const { reason } = await served.hangUp("refused");
  expect(reason).toBe(
    `--client-key: ${join(folder, "client-key")}: no private key in PEM: ` +
      "expected -----BEGIN PRIVATE KEY-----",
  );
  write({ ...one, ca: "no authority" }, two);
  expect((await served.hangUp("refused")).reason).toMatch(/^--peer-ca: .*: no certificate in/);
  rmSync(join(folder, "peer-cert"));
  expect((await served.hangUp("refused")).reason).toContain("--peer-cert: cannot read");
  expect(await both()).toEqual([fingerprint(peer), fingerprint(client)]);

  const url = `https://127.0.0.1:${port}`;
  while ((await get(`${url}/ready`)).status !== 200);
  const families = readExposition((await get(`${url}/metrics`)).body);
  const samples = families.flatMap((family) => family.samples);
  const of = (name: string) => samples.find((it) => it.name === name)?.value;
  expect(of("quorate_storage_write_duration_seconds_count")).toBeGreaterThan(0);
  expect(of("quorate_storage_bytes")).toBeGreaterThan(0);
  expect((await get(`${url}/v1/status`)).status).toBe(200);
  expect((await get(`${url}/v1/status`)).status).toBe(200);
  // Without --lease-reads this would be `lease-unavailable`.
  expect((await get(`${url}/v1/kv/a?consistency=lease`)).body).toContain('"code":"not-found"');
  const refused = await get(`${url}/v1/status`);
  expect(refused).toMatchObject({ status: 429, body: expect.stringContaining("rate-limited") });
  expect(Number(refused.retryAfter)).toBeGreaterThan(900);

  expect(await served.stop()).toBe(0);
  // It led, but nobody is there to take over.
  expect(await served.said("stopping")).toMatchObject({ successor: null });
});

it("without certificates it goes with its terminal", { timeout: 120_000 }, async () => {
  const port = await freePort();
  const members = `n1=127.0.0.1:${port + 1000}@http://127.0.0.1:${port}`;
  const place = ["--id", "n1", "--data-dir", join(folder, "data"), "--members", members];
  served = new Served([...place, "--insecure"]);
  await served.said("ready");
  const { child } = served;
  const closed = once(child, "close");
  child.kill("SIGHUP");
  await closed;
  expect(child.signalCode).toBe("SIGHUP");
  served = null;
});
