/** The API over TLS, and the client that trusts its authority only. */
import { webcrypto } from "node:crypto";
import "../transport/reflect.ts";
import * as x509 from "@peculiar/x509";
import * as Effect from "effect/Effect";
import { expect, it } from "vitest";
import { makePromiseClient } from "../../../shell/client/index.ts";
import { hostOwn } from "./host.ts";

/** A certificate for 127.0.0.1 that is its own authority, as PEM. */
async function certificate() {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=127.0.0.1",
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(0),
    notAfter: new Date("2100-01-01"),
    extensions: [
      new x509.BasicConstraintsExtension(true),
      new x509.SubjectAlternativeNameExtension([{ type: "ip", value: "127.0.0.1" }]),
    ],
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const body = key.toString("base64").replace(/.{64}/g, "$&\n");
  return {
    cert: made.toString("pem"),
    key: `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`,
  };
}

it("serves over TLS to clients that trust its certificate, and no others", async () => {
  const tls = await certificate();
  const own = await hostOwn({ tls });
  expect(own.api.url).toMatch(/^https:/);
  const endpoints = [own.api.url];
  const client = makePromiseClient({ endpoints, ca: tls.cert });
  await client.put("a", "x");
  expect(await client.get("a")).toMatchObject({ value: "x" });
  const stranger = makePromiseClient({ endpoints, deadline: 300 });
  await expect(stranger.put("a", "y")).rejects.toMatchObject({
    _tag: "Failed",
    message: expect.stringMatching(/self[- ]signed/),
  });
  const { cert } = await certificate();
  const deceived = makePromiseClient({ endpoints, ca: cert, deadline: 300 });
  await expect(deceived.put("a", "y")).rejects.toMatchObject({ _tag: "Failed" });
  expect(await client.get("a")).toMatchObject({ value: "x" });
  for (const it of [client, stranger, deceived]) await it.close();
  await own.close();
});

it("a certificate that is none is an error that says so", async () => {
  const { cert } = await certificate();
  const start = (tls: { cert: string; key: string }) => hostOwn({ tls });
  await expect(start({ cert: "x", key: "x" })).rejects.toThrow("tls: cert: no certificate in PEM");
  await expect(start({ cert, key: "" })).rejects.toThrow("tls: key: no private key in PEM");
});

it("shows another certificate once it was found good, and keeps its connections", async () => {
  const [first, second, third] = [await certificate(), await certificate(), await certificate()];
  const own = await hostOwn({ tls: first });
  const endpoints = [own.api.url];
  const clientOf = ({ cert }: { cert: string }) =>
    makePromiseClient({ endpoints, ca: cert, deadline: 2000 });
  const [before, after] = [clientOf(first), clientOf(second)];
  await before.put("a", "x");
  const ready = (tls: { cert: string; key: string }) =>
    Effect.runSync(own.api.readyCertificate(tls));
  expect(() => ready({ ...second, key: third.key })).toThrow("tls: key: it is not that of");
  ready(third);
  const unmoved = clientOf(first);
  expect(await unmoved.get("a")).toMatchObject({ value: "x" });
  ready(second)();
  expect(await after.get("a")).toMatchObject({ value: "x" });
  // Its connection was there before.
  expect(await before.get("a")).toMatchObject({ value: "x" });
  const late = clientOf(first);
  await expect(late.get("a")).rejects.toMatchObject({ _tag: "Failed" });
  for (const it of [before, unmoved, after, late]) await it.close();
  await own.close();
  const plain = await hostOwn();
  const refused = plain.api.readyCertificate(second);
  expect(() => Effect.runSync(refused)).toThrow("tls: this API speaks plain HTTP");
  await plain.close();
});
