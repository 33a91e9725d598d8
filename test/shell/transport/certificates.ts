/** Authorities and certificates, made for a test. */
import { KeyObject, webcrypto } from "node:crypto";
import "./reflect.ts";
import * as x509 from "@peculiar/x509";
import type { TlsOptions } from "../../../shell/transport/index.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;

/** What differs between certificates; names are URIs unless they carry another type. */
export interface CertificateOptions {
  readonly names: readonly (string | { readonly type: "dns" | "url"; readonly value: string })[];
  readonly expired?: boolean;
}

/** An authority that a cluster trusts. */
export interface Authority {
  readonly pem: string;
  readonly issue: (options: CertificateOptions) => Promise<TlsOptions>;
}

async function keyPair() {
  return await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/** Makes an authority. */
export async function makeAuthority(name: string): Promise<Authority> {
  const keys = await keyPair();
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 3 * DAY_MS),
    notAfter: new Date(Date.now() + 3 * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const ca = own.toString("pem");
  const issue = async ({ names, expired }: CertificateOptions): Promise<TlsOptions> => {
    const { publicKey, privateKey } = await keyPair();
    const certificate = await x509.X509CertificateGenerator.create({
      subject: "CN=a server",
      issuer: own.subject,
      notBefore: new Date(Date.now() - 2 * DAY_MS),
      notAfter: new Date(Date.now() + (expired === true ? -1 : 1) * DAY_MS),
      signingAlgorithm: ALGORITHM,
      publicKey,
      signingKey: keys.privateKey,
      extensions: [
        new x509.SubjectAlternativeNameExtension(
          names.map((it) => (typeof it === "string" ? { type: "url", value: it } : it)),
        ),
      ],
    });
    const key = KeyObject.from(privateKey).export({ type: "pkcs8", format: "pem" });
    return { ca, cert: certificate.toString("pem"), key: String(key) };
  };
  return { pem: ca, issue };
}
