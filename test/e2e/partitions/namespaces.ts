/**
 * Three hosts in Linux network namespaces, with a cable between any two and one to the clients.
 * The process that makes them has network and mount namespaces of its own (`unshare`): names and
 * addresses meet no others, and all of it goes with the last process, however that ends.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identityUri } from "../../../shell/transport/identity.ts";
import { type Authority, makeAuthority } from "../../shell/transport/certificates.ts";
import { CLUSTER, IDS, type Link, type Network } from "./network.ts";

/** The command that gives another one namespaces of its own; root is not needed everywhere. */
export const UNSHARE: readonly string[] = [
  "unshare",
  ...(process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"]),
  "--net",
  "--mount",
];

const CLIENTS = "10.0.0.100";
const addressOf = (id: string): string => `10.0.0.${id.slice(1)}`;

/**
 * The queue in front of each link that is up. A slow one passes less than the clients have done,
 * and holds a few packets. (What `netem` could do besides is not in every kernel, and reordering
 * is not seen above TCP.)
 */
const QUEUES = {
  open: "pfifo limit 1000",
  slow: "tbf rate 200kbit burst 2kb limit 3kb",
  silent: "blackhole",
} as const;

/** Runs a program whose words have no spaces in them. @throws Error with what it said. */
function run(command: string): string {
  const [program = "", ...words] = command.split(" ");
  return execFileSync(program, words, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
}

/** The network, made at once. @throws Error where this machine does not allow it. */
export class Namespaces implements Network {
  readonly members: string = IDS.map(
    (id) => `${id}=${addressOf(id)}:9101@http://${addressOf(id)}:8101`,
  ).join(",");
  readonly urls: readonly string[] = IDS.map((id) => `http://${addressOf(id)}:8101`);
  #authority: Promise<Authority> | null = null;

  constructor() {
    // Where `ip` keeps the names of namespaces: in this process's mounts alone.
    run("mount -t tmpfs tmpfs /run");
    mkdirSync("/run/netns");
    run("ip link set lo up");
    run(`ip addr add ${CLIENTS}/32 dev lo`);
    for (const id of IDS) {
      run(`ip netns add ${id}`);
      run(`ip -n ${id} link set lo up`);
      run(`ip -n ${id} addr add ${addressOf(id)}/32 dev lo`);
      run(`ip link add to-${id} type veth peer name to-clients netns ${id}`);
      run(`ip link set to-${id} up`);
      run(`ip -n ${id} link set to-clients up`);
      run(`ip route add ${addressOf(id)} dev to-${id} src ${CLIENTS}`);
      run(`ip -n ${id} route add ${CLIENTS} dev to-clients src ${addressOf(id)}`);
    }
    const pairs = IDS.flatMap((from) => IDS.filter((to) => to !== from).map((to) => [from, to]));
    for (const [from = "", to = ""] of pairs.filter(([a = "", b = ""]) => a < b)) {
      run(`ip -n ${from} link add to-${to} type veth peer name to-${from} netns ${to}`);
    }
    for (const [from = "", to = ""] of pairs) {
      // Each once, so that a machine that lacks one is told from a test that fails.
      for (const link of ["down", "slow", "silent", "open"] as const) this.set(from, to, link);
    }
  }

  readonly prefix = (id: string): readonly string[] => ["nsenter", `--net=/run/netns/${id}`];

  readonly flags = async (id: string, directory: string): Promise<readonly string[]> => {
    this.#authority ??= makeAuthority("the authority of a test");
    const authority = await this.#authority;
    const tls = await authority.issue({ names: [identityUri(CLUSTER, id)] });
    return Object.entries(tls).flatMap(([name, text]) => {
      const file = join(directory, `${id}.${name}.pem`);
      writeFileSync(file, String(text));
      return [`--peer-${name}`, file];
    });
  };

  readonly set = (from: string, to: string, link: Link): void => {
    const device = `to-${to}`;
    if (link === "down") return void run(`ip -n ${from} link set ${device} down`);
    run(`tc -n ${from} qdisc replace dev ${device} root ${QUEUES[link]}`);
    run(`ip -n ${from} link set ${device} up`);
    // The kernel drops a route with its device.
    run(`ip -n ${from} route replace ${addressOf(to)} dev ${device} src ${addressOf(from)}`);
  };
  readonly lost = (from: string, to: string): number => {
    const queues = JSON.parse(run(`tc -n ${from} -s -j qdisc show dev to-${to}`));
    return (queues as readonly { readonly drops: number }[])[0]?.drops ?? 0;
  };
}
