/** Who may do what: bearer tokens (RFC 6750) with roles, kept as their SHA-256 only. */
import { hash, timingSafeEqual } from "node:crypto";
import { Problem } from "./problem.ts";

/** What a token allows: `write` what `read` does, too, and `admin` everything. */
export type Role = "read" | "write" | "admin";

/** A token that is known. */
export interface Token {
  /** SHA-256 of the token in hexadecimal: see `tokenHash`. */
  readonly sha256: string;
  readonly role: Role;
}

const RANK: Readonly<Record<Role, number>> = { read: 0, write: 1, admin: 2 };

/** The SHA-256 of a token in hexadecimal. */
export function tokenHash(token: string): string {
  return hash("sha256", token);
}

/** Gives null where a request with this `authorization` header may do what needs `role`. */
export type Authorize = (header: string | undefined, role: Role) => Problem | null;

/**
 * The check of requests against tokens; without tokens everything is allowed. Takes as long for a
 * wrong token as for another. Throws RangeError for a token that is no SHA-256 in hexadecimal.
 */
export function makeAuthorize(tokens: readonly Token[]): Authorize {
  const known = tokens.map(({ sha256, role }, at) => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) {
      throw new RangeError(`tokens[${at}].sha256: expected 64 hexadecimal digits`);
    }
    return { digest: Buffer.from(sha256, "hex"), rank: RANK[role] };
  });
  return (header, role) => {
    if (known.length === 0) return null;
    const token = header === undefined ? undefined : /^Bearer ([\w.~+/=-]+)$/i.exec(header)?.[1];
    if (token === undefined) {
      return new Problem({ code: "unauthorized", detail: "authorization: expected Bearer TOKEN" });
    }
    const digest = Buffer.from(tokenHash(token), "hex");
    // All of them, so that the time taken does not depend on which token it is.
    const ranks = known.map((it) => (timingSafeEqual(it.digest, digest) ? it.rank : -1));
    const rank = Math.max(...ranks);
    if (rank < 0) return new Problem({ code: "unauthorized", detail: "the token is not known" });
    if (rank >= RANK[role]) return null;
    return new Problem({ code: "forbidden", detail: `this needs the role ${role}` });
  };
}
