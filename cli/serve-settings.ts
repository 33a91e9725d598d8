/**
 * What `quorate serve` is told: by flags, by the environment, by a file; the first that says
 * something counts. Every fault names the setting and where it came from.
 */
import * as Flag from "effect/cli/Flag";
import * as Option from "effect/Option";
import type { ServerId } from "../kernel/index.ts";
import type { Token } from "../shell/api/auth.ts";
import type { RateLimit } from "../shell/api/rate-limit.ts";
import type { Address } from "../shell/machines/cluster.ts";
import type { ListenAt, ServiceCertificates, ServiceOptions } from "../shell/service/service.ts";
import { pemFault } from "../shell/transport/certificates.ts";
import { isLoopback, parseAddress, type TlsOptions } from "../shell/transport/index.ts";
import { UsageError } from "./exit-codes.ts";
import { switchFlag } from "./flags.ts";
import { parseMember } from "./member-text.ts";
import { readGiven } from "./read-file.ts";

/** A setting: a flag `--data-dir`, a variable `QUORATE_DATA_DIR` and a field `dataDir`. */
export interface Setting {
  readonly name: string;
  /** Null for a switch: `true` and `false` in the environment and in a file. */
  readonly metavar: string | null;
  readonly about: string;
}

const TLS = "for mutual TLS between servers";

export const SETTINGS: readonly Setting[] = [
  { name: "id", metavar: "ID", about: "This server's name" },
  { name: "cluster", metavar: "NAME", about: "The cluster's name (default: quorate)" },
  { name: "data-dir", metavar: "DIR", about: "Where the log, the vote and snapshots are kept" },
  {
    name: "members",
    metavar: "LIST",
    about:
      "The founding servers: ID=HOST:PORT@URL, with commas; peers reach HOST:PORT, clients URL",
  },
  { name: "join", metavar: null, about: "Begin as no member, and wait to be added" },
  { name: "peer-listen", metavar: "HOST:PORT", about: "Listen to peers here" },
  { name: "client-listen", metavar: "HOST:PORT", about: "Listen to clients here" },
  { name: "peer-ca", metavar: "FILE", about: `The authority's certificate, ${TLS}` },
  { name: "peer-cert", metavar: "FILE", about: `This server's certificate, ${TLS}` },
  { name: "peer-key", metavar: "FILE", about: `This server's key, ${TLS}` },
  { name: "insecure", metavar: null, about: "Plain TCP between servers, on loopback addresses" },
  { name: "client-cert", metavar: "FILE", about: "The certificate shown to clients: HTTPS" },
  { name: "client-key", metavar: "FILE", about: "Its key" },
  {
    name: "tokens",
    metavar: "FILE",
    about: 'Who may ask: JSON, [{"sha256": "...", "role": "read|write|admin"}]',
  },
  {
    name: "rate-limit",
    metavar: "N",
    about: "Take N requests a second of each client, known by its token or else its address",
  },
  {
    name: "rate-burst",
    metavar: "N",
    about: "So many may come at once before that (default: those of a second, at least one)",
  },
  { name: "journal", metavar: "DIR", about: "Record all that happens here, for quorate audit" },
  { name: "lease-reads", metavar: null, about: "Answer reads under a lease (thesis 6.4.1)" },
];

const CLUSTER = "quorate";
const PLACES: readonly string[] = ["id", "cluster", "data-dir", "members"];
/** The settings that say which server this is, and where. */
export const PLACE_SETTINGS: readonly Setting[] = SETTINGS.filter(({ name }) => {
  return PLACES.includes(name);
});

type SettingFlags = Readonly<Record<string, Flag.Flag<Option.Option<string | boolean>>>>;

/** A flag for each setting. */
export function settingFlags(settings: readonly Setting[]): SettingFlags {
  const flags = settings.map(({ name, metavar, about }) => {
    if (metavar === null) return [name, Flag.map(switchFlag(name, about), Option.some)] as const;
    const flag = Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(about));
    return [name, Flag.optional(flag)] as const;
  });
  return Object.fromEntries(flags);
}

/** What the flags of settings gave. */
export function flagValues(given: Readonly<Record<string, Option.Option<string | boolean>>>) {
  const values = Object.entries(given).map(([name, value]) => [name, Option.getOrUndefined(value)]);
  return Object.fromEntries(values) as FlagValues;
}

/** The name of a cluster. */
export const clusterFlag: Flag.Flag<string> = Flag.String("cluster").pipe(
  Flag.withMetavar("NAME"),
  Flag.withDescription("The cluster's name, as its servers have it"),
  Flag.withDefault(CLUSTER),
);

/** A value, and where it came from. */
interface Given {
  readonly value: unknown;
  readonly from: string;
}

/** What flags gave: absent ones are undefined. */
export type FlagValues = Readonly<Record<string, string | boolean | undefined>>;

const fieldOf = (name: string): string => name.replace(/-./g, (it) => it.slice(1).toUpperCase());
const variableOf = (name: string): string => `QUORATE_${name.replaceAll("-", "_").toUpperCase()}`;

/** Reads settings. @throws UsageError naming the first that is wrong. */
export function readSettings(
  flags: FlagValues,
  env: Readonly<Record<string, string | undefined>>,
  file: string | null,
): ServiceOptions {
  return readServe(flags, env, file).options;
}

/** A server's settings, and its certificates as their files hold them at a later time. */
export interface ServeSettings {
  readonly options: ServiceOptions;
  /** @throws UsageError naming the first file that cannot be read. */
  readonly certificates: () => ServiceCertificates;
}

/** Reads settings. @throws UsageError naming the first that is wrong. */
export function readServe(
  flags: FlagValues,
  env: Readonly<Record<string, string | undefined>>,
  file: string | null,
): ServeSettings {
  const settings = settingsFrom(flags, env, file);
  return { options: settings.options(), certificates: () => settings.certificates() };
}

/** Which of the founders, and where. @throws UsageError naming the first that is wrong. */
export function readPlace(
  flags: FlagValues,
  env: Readonly<Record<string, string | undefined>>,
): Pick<ServiceOptions, "id" | "cluster" | "dataDir" | "members"> {
  return settingsFrom(flags, env, null).founder();
}

function settingsFrom(
  flags: FlagValues,
  env: Readonly<Record<string, string | undefined>>,
  file: string | null,
): Settings {
  const fields = file === null ? {} : readFields(file);
  const given = (name: string): Given | null => {
    if (flags[name] !== undefined && flags[name] !== false) {
      return { value: flags[name], from: `--${name}` };
    }
    const variable = variableOf(name);
    if (env[variable] !== undefined) return { value: env[variable], from: variable };
    const field = fieldOf(name);
    return field in fields ? { value: fields[field], from: `${file}: ${field}` } : null;
  };
  return new Settings(given);
}

function readFields(file: string): Readonly<Record<string, unknown>> {
  const fields = parseJson(file, readGiven(file, "--config"));
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new UsageError(`${file}: expected an object`);
  }
  const known = SETTINGS.map(({ name }) => fieldOf(name));
  const other = Object.keys(fields).find((name) => !known.includes(name));
  if (other === undefined) return fields as Readonly<Record<string, unknown>>;
  throw new UsageError(`${file}: ${other}: no such setting; there are ${known.join(", ")}`);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: not JSON: ${(error as Error).message}`);
  }
}

class Settings {
  readonly #given: (name: string) => Given | null;

  constructor(given: (name: string) => Given | null) {
    this.#given = given;
  }

  place(): Pick<ServiceOptions, "id" | "cluster" | "dataDir" | "members"> {
    return {
      id: this.#text("id"),
      cluster: this.#optional("cluster") ?? CLUSTER,
      dataDir: this.#text("data-dir"),
      members: this.#members(),
    };
  }

  founder(): ReturnType<Settings["place"]> {
    const place = this.place();
    if (place.members.has(place.id)) return place;
    throw new UsageError(`members: ${place.id} is not among them`);
  }

  options(): ServiceOptions {
    const place = this.place();
    const { id, members } = place;
    const join = this.#switch("join");
    const own = members.get(id);
    if (!join && own === undefined) {
      throw new UsageError(`members: ${id} is not among them (--join: begin as no member)`);
    }
    const peerListen = this.#address("peer-listen", own?.peer);
    const clientListen = this.#address(
      "client-listen",
      own?.client.replace(/^https?:\/\/|\/$/g, ""),
    );
    const { peer: peerTls, client: tls } = this.certificates();
    const insecure = this.#switch("insecure");
    if (peerTls === null && !insecure) {
      const ask = "give --peer-ca, --peer-cert and --peer-key, or --insecure on loopback";
      throw new UsageError(`servers speak mutual TLS: ${ask}`);
    }
    if (peerTls !== null && insecure) throw new UsageError("--insecure: not with certificates");
    const tokens = this.#tokens();
    if (tokens.length === 0 && !isLoopback(clientListen.host)) {
      throw new UsageError(
        `client-listen: ${clientListen.host} can be reached by others: --tokens`,
      );
    }
    return {
      ...place,
      join,
      peerListen,
      peerTls,
      insecure: insecure ? "loopback" : null,
      journalDir: this.#optional("journal"),
      leaseReads: this.#switch("lease-reads"),
      api: {
        listen: clientListen,
        tokens,
        limits: { rate: this.#rate() },
        ...(tls === null ? {} : { tls }),
      },
    };
  }

  certificates(): ServiceCertificates {
    return { peer: this.#peerTls(), client: this.#clientTls() };
  }

  #optional(name: string): string | null {
    const given = this.#given(name);
    if (given === null) return null;
    if (typeof given.value === "string" && given.value !== "") return given.value;
    throw new UsageError(`${given.from}: expected a text`);
  }

  #text(name: string): string {
    const value = this.#optional(name);
    if (value !== null) return value;
    throw new UsageError(`--${name} is missing (or ${variableOf(name)}, or ${fieldOf(name)})`);
  }

  #switch(name: string): boolean {
    const given = this.#given(name);
    const value = given?.value ?? false;
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    throw new UsageError(`${given?.from}: expected true or false`);
  }

  /** A number above 0: text, or a number in a file. */
  #number(name: string): number | null {
    const given = this.#given(name);
    if (given === null) return null;
    const isText = typeof given.value === "string" && /^\d+(\.\d+)?$/.test(given.value);
    const value = isText ? Number(given.value) : given.value;
    if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
    throw new UsageError(`${given.from}: ${shown(given.value)}: expected a number above 0`);
  }

  #rate(): RateLimit | null {
    const perSecond = this.#number("rate-limit");
    const burst = this.#number("rate-burst");
    const from = this.#given("rate-burst")?.from;
    if (perSecond === null) {
      if (burst === null) return null;
      throw new UsageError(`${from}: nothing is limited without --rate-limit`);
    }
    if (burst !== null && !Number.isSafeInteger(burst)) {
      throw new UsageError(`${from}: ${burst}: expected a whole number from 1`);
    }
    return { perSecond, burst: burst ?? Math.max(1, Math.ceil(perSecond)) };
  }

  #address(name: string, fallback: string | undefined): ListenAt {
    const text = this.#optional(name) ?? fallback;
    if (text === undefined) return parseListen(this.#text(name), name);
    return parseListen(text, this.#given(name)?.from ?? "members");
  }

  #members(): ReadonlyMap<ServerId, Address> {
    const text = this.#text("members");
    const from = this.#given("members")?.from ?? "members";
    const members = new Map<ServerId, Address>();
    for (const part of text.split(",")) {
      const member = parseMember(part.trim());
      const isTwice = typeof member !== "string" && members.has(member.id);
      const fault = isTwice ? `${member.id} comes twice` : member;
      if (typeof fault === "string") {
        throw new UsageError(`${from}: ${JSON.stringify(part)}: ${fault}`);
      }
      members.set(fault.id, { peer: fault.peer, client: fault.client });
    }
    return members;
  }

  /** What the files hold that are given all or none. */
  #files(...names: readonly string[]): readonly string[] | null {
    if (names.every((name) => this.#optional(name) === null)) return null;
    return names.map((name) => readGiven(this.#text(name), this.#given(name)?.from ?? name));
  }

  #peerTls(): TlsOptions | null {
    const files = this.#files("peer-ca", "peer-cert", "peer-key");
    if (files === null) return null;
    const [ca = "", cert = "", key = ""] = files;
    return this.#fitting("peer", { ca, cert, key });
  }

  #clientTls(): ServiceCertificates["client"] {
    const files = this.#files("client-cert", "client-key");
    if (files === null) return null;
    const [cert = "", key = ""] = files;
    return this.#fitting("client", { cert, key });
  }

  /** Certificates that can be used, of the settings `WHOSE-cert` and so on. */
  #fitting<P extends Parameters<typeof pemFault>[0]>(whose: string, pem: P): P {
    const fault = pemFault(pem);
    if (fault === null) return pem;
    const name = `${whose}-${fault.part}`;
    const where = `${this.#given(name)?.from}: ${this.#optional(name)}`;
    throw new UsageError(`${where}: ${fault.what}`);
  }

  #tokens(): readonly Token[] {
    const file = this.#optional("tokens");
    if (file === null) return [];
    const tokens = parseJson(file, readGiven(file, "--tokens"));
    if (!Array.isArray(tokens)) throw new UsageError(`${file}: expected a list`);
    for (const [at, token] of tokens.entries()) {
      const { sha256, role } = (token ?? {}) as Record<string, unknown>;
      const isHash = typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256);
      if (!isHash) throw new UsageError(`${file}: [${at}].sha256: expected 64 hexadecimal digits`);
      if (role !== "read" && role !== "write" && role !== "admin") {
        throw new UsageError(`${file}: [${at}].role: expected read, write or admin`);
      }
    }
    return tokens as readonly Token[];
  }
}

/** What was given, as its user wrote it. */
function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function parseListen(text: string, from: string): ListenAt {
  const address = parseAddress(text);
  if (address === null) throw new UsageError(`${from}: ${text}: expected HOST:PORT`);
  return address;
}
