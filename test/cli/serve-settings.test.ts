/** What `quorate serve` is told, from three places, and what is said where it is wrong. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readPlace, readServe, readSettings } from "../../cli/serve-settings.ts";
import { identityUri } from "../../shell/transport/index.ts";
import { makeAuthority } from "../shell/transport/certificates.ts";

const folder = mkdtempSync(join(tmpdir(), "quorate-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MEMBERS = "n1=127.0.0.1:9101@http://127.0.0.1:8101,n2=10.0.0.2:9101@https://b.example:443";
const FLAGS = { id: "n1", "data-dir": "d", members: MEMBERS, insecure: true };

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("settings of a server", () => {
  it("come from flags, then the environment, then the file", () => {
    const config = file("c.json", JSON.stringify({ id: "n3", dataDir: "f", cluster: "of-file" }));
    const env = { QUORATE_DATA_DIR: "e", QUORATE_ID: "n2", QUORATE_INSECURE: "true" };
    const settings = readSettings({ id: "n1", members: MEMBERS }, env, config);
    expect(settings).toMatchObject({ id: "n1", dataDir: "e", cluster: "of-file" });
    expect(settings.insecure).toBe("loopback");
    expect(settings.members.get("n2")).toEqual({
      peer: "10.0.0.2:9101",
      client: "https://b.example:443",
    });
  });

  it("listen where the members say, unless told otherwise", () => {
    const own = readSettings(FLAGS, {}, null);
    expect(own.peerListen).toEqual({ host: "127.0.0.1", port: 9101 });
    expect(own.api.listen).toEqual({ host: "127.0.0.1", port: 8101 });
    expect(own.leaseReads).toBe(false);
    const told = readSettings({ ...FLAGS, "client-listen": "127.0.0.1:1" }, {}, null);
    expect(told.api.listen).toEqual({ host: "127.0.0.1", port: 1 });
  });

  it("limit what clients ask for, if they say so", () => {
    const rateOf = (flags: object, env = {}, config: string | null = null) =>
      readSettings({ ...FLAGS, ...flags }, env, config).api.limits?.rate;
    expect(rateOf({})).toBeNull();
    expect(rateOf({ "rate-limit": "2.5" })).toEqual({ perSecond: 2.5, burst: 3 });
    expect(rateOf({ "rate-limit": "0.1" })).toEqual({ perSecond: 0.1, burst: 1 });
    const config = file("rate.json", '{"rateLimit": 7, "rateBurst": 9}');
    expect(rateOf({}, {}, config)).toEqual({ perSecond: 7, burst: 9 });
    expect(rateOf({}, { QUORATE_RATE_BURST: "20" }, config)).toEqual({ perSecond: 7, burst: 20 });
  });

  it("that restore a backup are those of a founder", () => {
    const place = { id: "n2", "data-dir": "d", members: MEMBERS };
    expect(readPlace(place, {})).toMatchObject({ id: "n2", dataDir: "d" });
    expect(() => readPlace({ ...place, id: "n9" }, {})).toThrow("members: n9 is not among them");
  });

  it("name the file of certificates that cannot be used", async () => {
    const authority = await makeAuthority("ours");
    const issue = () => authority.issue({ names: [identityUri("quorate", "n1")] });
    const [own, other] = [await issue(), await issue()];
    const files = { ca: own.ca, cert: own.cert, key: own.key };
    const peer = (parts: Partial<typeof files>): (() => unknown) => {
      const flags = Object.entries({ ...files, ...parts }).map(([part, text]) => {
        return [`peer-${part}`, file(part, text)];
      });
      return () =>
        readServe({ ...FLAGS, insecure: undefined, ...Object.fromEntries(flags) }, {}, null);
    };
    expect(peer({})).not.toThrow();
    const at = (part: string): string => `--peer-${part}: ${join(folder, part)}: `;
    const missing = (what: string): string => `no ${what} in PEM: expected -----BEGIN`;
    expect(peer({ ca: "" })).toThrow(`${at("ca")}${missing("certificate")}`);
    expect(peer({ cert: own.key })).toThrow(`${at("cert")}${missing("certificate")}`);
    expect(peer({ key: own.cert })).toThrow(`${at("key")}${missing("private key")}`);
    expect(peer({ key: other.key })).toThrow(`${at("key")}it is not that of the certificate`);
    const client = { "client-cert": file("c", own.cert) };
    const config = file("client.json", JSON.stringify({ clientKey: file("k", other.key) }));
    const fromFile = (): unknown => readServe({ ...FLAGS, ...client }, {}, config);
    expect(fromFile).toThrow(`${config}: clientKey: ${join(folder, "k")}: it is not that of`);
  });

  it("are refused by name", () => {
    const token = file("tokens.json", '[{"sha256":"ab","role":"admin"}]');
    const role = file("roles.json", `[{"sha256":"${"a".repeat(64)}","role":"king"}]`);
    const odd = file("odd.json", '{"dataDri": "x"}');
    const cases: readonly [Parameters<typeof readSettings>, string][] = [
      [[{}, {}, null], "--id is missing (or QUORATE_ID, or id)"],
      [[{ id: "n1" }, {}, null], "--data-dir is missing"],
      [[{ ...FLAGS, members: "n1" }, {}, null], '--members: "n1": expected ID=HOST:PORT@URL'],
      [[{ ...FLAGS, members: "n1=a@http://b:1" }, {}, null], "peer: expected host:port"],
      [[{ ...FLAGS, members: `${MEMBERS},${MEMBERS}` }, {}, null], "n1 comes twice"],
      [[{ ...FLAGS, id: "n9" }, {}, null], "members: n9 is not among them"],
      [[{ ...FLAGS, insecure: undefined }, {}, null], "servers speak mutual TLS"],
      [[FLAGS, { QUORATE_JOIN: "yes" }, null], "QUORATE_JOIN: expected true or false"],
      [[{ ...FLAGS, "peer-listen": "9101" }, {}, null], "--peer-listen: 9101: expected HOST:PORT"],
      [[{ ...FLAGS, "client-listen": "0.0.0.0:80" }, {}, null], "can be reached by others"],
      [[{ ...FLAGS, "peer-ca": "/no/ca" }, {}, null], "--peer-ca: cannot read /no/ca: ENOENT"],
      [[{ ...FLAGS, "client-cert": token }, {}, null], "--client-key is missing"],
      [[{ ...FLAGS, tokens: token }, {}, null], "[0].sha256: expected 64 hexadecimal digits"],
      [[{ ...FLAGS, tokens: role }, {}, null], "[0].role: expected read, write or admin"],
      [[{ ...FLAGS, "rate-limit": "fast" }, {}, null], "--rate-limit: fast: expected a number abo"],
      [[FLAGS, { QUORATE_RATE_LIMIT: "0" }, null], "QUORATE_RATE_LIMIT: 0: expected a number abo"],
      [[FLAGS, {}, file("r.json", '{"rateLimit": [1]}')], "rateLimit: [1]: expected a number abo"],
      [[{ ...FLAGS, "rate-burst": "5" }, {}, null], "--rate-burst: nothing is limited without"],
      [
        [{ ...FLAGS, "rate-limit": "5", "rate-burst": "1.5" }, {}, null],
        "--rate-burst: 1.5: expected a whole number from 1",
      ],
      [[FLAGS, {}, "/no/config"], "--config: cannot read /no/config"],
      [[FLAGS, {}, odd], "dataDri: no such setting; there are id, cluster, dataDir"],
      [[FLAGS, {}, file("bad.json", "{")], "not JSON"],
    ];
    for (const [args, message] of cases) expect(() => readSettings(...args)).toThrow(message);
  });
});
