/** Failures of the API as problem details (RFC 9457), each with a code that stays. */
import * as Schema from "effect/Schema";
import type { ServerId } from "../../kernel/index.ts";
import type { RequestError } from "../driver/server.ts";

/** A kind of failure. */
interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Seconds after which it makes sense to try again; absent where it does not. */
  readonly retryAfter?: number;
}

/**
 * Every code, with its HTTP status. All are definite, nothing happened and nothing will, but for
 * `outcome-unknown`: what was asked for may have happened, and may still.
 */
export const PROBLEMS = {
  malformed: { status: 400, title: "The request is malformed" },
  "lease-unavailable": { status: 400, title: "The servers run without leases" },
  unauthorized: { status: 401, title: "A valid bearer token is needed" },
  forbidden: { status: 403, title: "The token's role does not allow this" },
  "not-found": { status: 404, title: "There is no such thing" },
  "unknown-session": { status: 404, title: "The session was never opened" },
  "method-not-allowed": { status: 405, title: "The path does not take this method" },
  conflict: { status: 409, title: "The key is not as expected" },
  "stale-session": { status: 409, title: "A later command of the session was answered already" },
  "change-in-progress": { status: 409, title: "Another change of the members is going on" },
  unchanged: { status: 409, title: "The members are so already" },
  "not-caught-up": { status: 409, title: "The learner lacks committed entries" },
  "already-leader": { status: 409, title: "The server leads already" },
  "not-a-voter": { status: 409, title: "The server does not vote" },
  "session-expired": { status: 410, title: "The session expired" },
  "too-large": { status: 413, title: "The request or the command is too large" },
  "unsupported-media-type": { status: 415, title: "The body must be application/json" },
  "rate-limited": { status: 429, title: "Too many requests", retryAfter: 1 },
  // Not 421: fetch then asks the same server a second time by itself.
  "not-leader": { status: 503, title: "Another server leads" },
  overloaded: { status: 503, title: "The server has too much to do", retryAfter: 1 },
  transferring: { status: 503, title: "Leadership is being handed over", retryAfter: 1 },
  "not-ready": { status: 503, title: "The server is not ready yet", retryAfter: 1 },
  "leader-lost": {
    status: 503,
    title: "The leader was lost before it could answer",
    retryAfter: 1,
  },
  stopped: { status: 503, title: "The server has stopped" },
  "timed-out": { status: 504, title: "The read was not answered in time" },
  "outcome-unknown": { status: 504, title: "It may have happened, or may still" },
  internal: { status: 500, title: "The server is at fault" },
} as const satisfies Readonly<Record<string, ProblemKind>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Where the leader is, as far as is known. */
export interface LeaderHint {
  readonly id: ServerId;
  /** Where clients reach it; null where that is not known. */
  readonly url: string | null;
}

/** A failure on its way to a client. */
export class Problem extends Schema.TaggedError<Problem>()("Problem", {
  code: Schema.String as Schema.Schema<ProblemCode>,
  detail: Schema.String,
  /** Seconds, where it is known better than its kind has it. */
  retryAfter: Schema.optionalKey(Schema.Number),
}) {}

/** The kernel's refusals that go by another code here. */
const REFUSALS: Readonly<Record<string, ProblemCode>> = {
  "leader-contact": "not-ready",
  repeated: "overloaded",
  "timed-out": "outcome-unknown",
};

/** The problem that a server's failure comes to. */
export function problemOf(error: RequestError): Problem {
  switch (error._tag) {
    case "NotLeader":
      return new Problem({ code: "not-leader", detail: error.message });
    case "OutcomeUnknown":
      return new Problem({ code: "outcome-unknown", detail: error.message });
    case "Stopped":
      return new Problem({ code: "stopped", detail: error.message });
    case "Refused": {
      const { reason, message } = error;
      const own = Object.hasOwn(PROBLEMS, reason) ? (reason as ProblemCode) : "internal";
      return new Problem({ code: REFUSALS[reason] ?? own, detail: message });
    }
  }
}

/** The body of a problem; `leader` only where another server leads. */
export function problemBody(problem: Problem, leader: LeaderHint | null): string {
  const { code, detail } = problem;
  const { status, title } = PROBLEMS[code];
  const hint = code === "not-leader" ? { leader } : {};
  return JSON.stringify({ type: "about:blank", status, title, detail, code, ...hint });
}
